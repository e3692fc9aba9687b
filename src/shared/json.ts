/** What may cross a host boundary: no Date, Map, bigint or undefined. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
