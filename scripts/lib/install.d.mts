/** Root of the clone. */
export declare const projectFolder: string
/** The Node of the project's own version; there once `ensureInstalled` has resolved. */
export declare const nodePath: string
/** Resolves to whether packages had to be installed. Rejects with `StepError`. */
export declare function ensureInstalled(): Promise<boolean>
