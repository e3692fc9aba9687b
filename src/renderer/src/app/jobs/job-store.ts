import { create } from 'zustand'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { addSample, type ProgressSample } from './rate.ts'

/** How many finished jobs the window keeps in memory; the jobs screen asks for more. */
const KEPT_JOBS = 200

export type LinkState = 'connecting' | 'online' | 'lost'

interface JobState {
  /** The latest first. */
  jobs: readonly JobSnapshot[]
  samples: Readonly<Record<string, readonly ProgressSample[]>>
  link: LinkState
  isTrayOpen: boolean
  /** Jobs whose progress is on screen elsewhere, and which need no notification at their end. */
  watched: ReadonlySet<string>
}

export const useJobStore = create<JobState>()(() => ({
  jobs: [],
  samples: {},
  link: 'connecting',
  isTrayOpen: false,
  watched: new Set<string>(),
}))

const byAge = (a: JobSnapshot, b: JobSnapshot): number => b.createdAt.localeCompare(a.createdAt)

/** Takes a snapshot in; returns the one it replaces. */
export function putJob(job: JobSnapshot): JobSnapshot | undefined {
  const { jobs, samples } = useJobStore.getState()
  const before = jobs.find(known => known.id === job.id)
  const others = before === undefined ? jobs : jobs.filter(known => known !== before)
  const next = [job, ...others].sort(byAge).slice(0, KEPT_JOBS)
  useJobStore.setState({ jobs: next, samples: isJobOver(job.state) ? without(samples, job.id) : sampled(samples, job) })
  return before
}

/** Takes in what the kernel lists, without losing what a stream said in the meantime about jobs it does not list. */
export function putJobs(listed: readonly JobSnapshot[]): void {
  const ids = new Set(listed.map(job => job.id))
  const others = useJobStore.getState().jobs.filter(job => !ids.has(job.id))
  useJobStore.setState({ jobs: [...listed, ...others].sort(byAge).slice(0, KEPT_JOBS) })
}

type Samples = JobState['samples']

function sampled(samples: Samples, job: JobSnapshot): Samples {
  if (job.progress === null) return samples
  const sample = { at: performance.now(), done: job.progress.done }
  return { ...samples, [job.id]: addSample(samples[job.id] ?? [], sample) }
}

function without(samples: Samples, id: string): Samples {
  const { [id]: _gone, ...rest } = samples
  return rest
}

export const setLink = (link: LinkState): void => useJobStore.setState({ link })
export const setTrayOpen = (isTrayOpen: boolean): void => useJobStore.setState({ isTrayOpen })

/** While it is held, the job's end needs no notification; the returned function gives it back. */
export function holdNotification(jobId: string): () => void {
  useJobStore.setState(({ watched }) => ({ watched: new Set([...watched, jobId]) }))
  return () => useJobStore.setState(({ watched }) => ({ watched: new Set([...watched].filter(id => id !== jobId)) }))
}
