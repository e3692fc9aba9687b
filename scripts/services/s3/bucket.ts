import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { Run } from '../runtime/run.ts'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

const BUCKET = 'tenantry-test'
const REGION = 'us-east-1'

export function s3Credentials(run: Run): Credentials {
  return { accessKeyId: 'tenantry', secretAccessKey: run.secret('s3') }
}

/** Makes the bucket on a server that runs already, and returns the variables that tell of it. */
export async function createBucket(port: number, credentials: Credentials): Promise<Record<string, string>> {
  const endpoint = `http://127.0.0.1:${port}`
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true })
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  } catch (error) {
    // Over kept data the bucket is there already.
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error
  } finally {
    client.destroy()
  }
  return {
    TENANTRY_TEST_S3_ENDPOINT: endpoint,
    TENANTRY_TEST_S3_ACCESS_KEY: credentials.accessKeyId,
    TENANTRY_TEST_S3_SECRET_KEY: credentials.secretAccessKey,
    TENANTRY_TEST_S3_BUCKET: BUCKET,
    TENANTRY_TEST_S3_REGION: REGION,
  }
}
