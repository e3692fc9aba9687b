import { Drawer } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useMutationOperation } from '../../client/hooks.ts'
import { serverFieldErrors } from '../../lib/form-errors.ts'
import { useFocusBack } from '../../lib/use-focus-back.ts'
import { CreateTenantForm } from './CreateTenantForm.tsx'
import { ProvisioningView } from './ProvisioningView.tsx'
import { EMPTY_TENANT, type TenantFormValues, toCreateInput, validateTenant } from './tenant-form.ts'

interface CreateTenantProps {
  /** The form is done with: from here on a job does the work. */
  onStart: () => void
  onClose: () => void
}

/** The drawer of a new tenant: the form, then the provisioning as it goes. */
export default function CreateTenant({ onStart, onClose }: CreateTenantProps) {
  const environment = useEnvironment()
  useFocusBack()
  const create = useMutationOperation('tenants.create', { isQuiet: true })
  const [jobId, setJobId] = useState<string>()
  const [failure, setFailure] = useState<AppError>()
  const form = useForm<TenantFormValues>({
    initialValues: EMPTY_TENANT,
    validate: validateTenant,
    validateInputOnBlur: true,
  })

  /** Messages by field go to the fields; the rest is shown over the form. */
  const show = (error: AppError) => {
    const fields = serverFieldErrors(error)
    form.setErrors(fields)
    setFailure(Object.keys(fields).length > 0 ? undefined : error)
  }
  const toProvisioning = (started: { jobId: string }) => {
    setJobId(started.jobId)
    onStart()
  }
  const submit = (values: TenantFormValues) => {
    setFailure(undefined)
    create.mutate(
      { environmentId: environment.id, ...toCreateInput(values) },
      { onSuccess: toProvisioning, onError: show },
    )
  }
  /** A taken slug is found out by the job; the person goes on in the form, with all that was typed. */
  const onFieldFailure = (job: JobSnapshot) => {
    setJobId(undefined)
    if (job.error !== null) show(AppError.fromData(job.error))
  }
  return (
    <Drawer
      opened
      onClose={onClose}
      size={520}
      title={jobId === undefined ? 'New tenant' : `Provisioning ${form.getValues().name}`}
      closeOnClickOutside={jobId !== undefined || !form.isDirty()}
    >
      {jobId === undefined ? (
        <CreateTenantForm
          form={form}
          onSubmit={submit}
          onCancel={onClose}
          isSubmitting={create.isPending}
          failure={failure}
        />
      ) : (
        <ProvisioningView
          jobId={jobId}
          tenantName={form.getValues().name}
          onClose={onClose}
          onFieldFailure={onFieldFailure}
        />
      )}
    </Drawer>
  )
}
