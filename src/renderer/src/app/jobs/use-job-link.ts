import { useEffect } from 'react'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { client } from '../../client/client.ts'
import { invalidateAfter, queryClient } from '../../client/query-client.ts'
import { putJob, putJobs, setLink, setTrayOpen, useJobStore } from './job-store.ts'
import { notifyJobEnd } from './notify-job-end.tsx'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** Follows all jobs of the kernel for as long as the window is open, and thereby knows whether the kernel is there. */
export function useJobLink(): void {
  useEffect(() => {
    const abort = new AbortController()
    void follow(abort.signal)
    return () => abort.abort()
  }, [])
}

async function follow(signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE_MS
  let wasLost = false
  const online = () => {
    pause = FIRST_PAUSE_MS
    setLink('online')
    // Whatever failed while the kernel was away is asked again.
    if (wasLost) void queryClient.invalidateQueries()
    wasLost = false
  }
  while (!signal.aborted) {
    try {
      await followOnce(signal, online)
    } catch {
      if (signal.aborted) return
      wasLost = true
      setLink('lost')
    }
    await wait(pause, signal)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
}

/** Work that was going on when the window was opened, or loaded again, is shown at once. */
let wasSeeded = false

async function followOnce(signal: AbortSignal, online: () => void): Promise<void> {
  // Watching starts before listing, so that no change falls between the two.
  const watching = client.watch('jobs.watch', {}, { signal, onEvent: take })
  const listing = client.call('jobs.list', {}, { signal }).then(jobs => {
    const known = new Map(useJobStore.getState().jobs.map(job => [job.id, job]))
    putJobs(jobs)
    if (!wasSeeded && jobs.some(job => !isJobOver(job.state))) setTrayOpen(true)
    wasSeeded = true
    for (const job of jobs) atEnd(job, known.get(job.id))
    online()
  })
  await Promise.all([watching, listing])
}

function take(job: JobSnapshot): void {
  atEnd(job, putJob(job))
}

/** A job that ran when last seen and is over now has changed what the contract says; its end is told once. */
function atEnd(job: JobSnapshot, before: JobSnapshot | undefined): void {
  if (before === undefined || isJobOver(before.state) || !isJobOver(job.state)) return
  void invalidateAfter(job.operation)
  void queryClient.invalidateQueries({ queryKey: ['jobs.list'] })
  if (!useJobStore.getState().watched.has(job.id)) notifyJobEnd(job)
}

const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
