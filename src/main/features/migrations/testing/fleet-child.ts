import { fleetOn, withOwn } from './fleet.ts'

/** A process of its own that migrates a fleet, for the test that kills it meanwhile. */
const { texts, options, ...database } = JSON.parse(process.env.TENANTRY_CHILD ?? '{}')
const fleet = fleetOn(database)
await fleet.run(await withOwn(...texts), options)
await fleet[Symbol.asyncDispose]()
