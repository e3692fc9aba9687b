import type pg from 'pg'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import type { ScheduledJob, ScheduleKind } from './schedule-kinds.ts'
import type { RunnerName } from './schedule-lock.ts'

export interface Clock {
  now(): Date
  /** Resolves after the time, or at once when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export interface ScheduleEvent {
  /** ISO 8601, UTC. */
  at: string
  type: 'waiting' | 'leading' | 'lost' | 'started' | 'done' | 'failed' | 'missed' | 'problem' | 'stopped'
  kind: ScheduleKind | null
  /** One sentence for people. */
  text: string
}

/** For a notification: something did not go as scheduled. */
export interface FailureNotice {
  environment: string
  kind: ScheduleKind
  /** ISO 8601, UTC. */
  at: string
  problem: string
}

export interface RunnerDependencies {
  /** Asked again each time: settings may change while the runner is up. */
  environment(): Promise<Environment>
  registry(signal: AbortSignal): Promise<WriteDb>
  /** A connection of its own, for the lock. */
  connect(): Promise<pg.Client>
  /** Runs an operation as a job and resolves with its result, or rejects with its error. */
  runJob(job: ScheduledJob, signal: AbortSignal): Promise<unknown>
  name: RunnerName
  clock: Clock
  onEvent(event: ScheduleEvent): void
  onFailure(notice: FailureNotice): void
}
