/** What may cross a host boundary: no Date, Map, bigint or undefined. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
