export declare class StepError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string)
}
export declare function hush(): void
export declare function say(line: string): void
export declare function note(line: string): void
export declare function seconds(milliseconds: number): string
export declare function done(outcome: string, milliseconds: number): void
export declare function step<T>(title: string, work: (report: (outcome: string) => void) => T | Promise<T>): Promise<T>
export declare function sayError(error: unknown): void
