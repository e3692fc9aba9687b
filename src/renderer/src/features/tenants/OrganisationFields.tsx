import { Autocomplete, Select, SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'

const FINANCIAL_YEARS = ['01-01', '04-01', '07-01', '10-01']
/** More would be slow to draw; the search narrows them. */
const SHOWN_OPTIONS = 60

type OrganisationField = 'country' | 'currency' | 'financialYear' | 'timezone'

interface OrganisationFieldsProps {
  // biome-ignore lint/suspicious/noExplicitAny: Mantine's form declares its input properties like this.
  propsOf: (field: OrganisationField) => any
}

/** Country, currency, financial year and time zone, chosen from what the browser knows. */
export function OrganisationFields({ propsOf }: OrganisationFieldsProps) {
  const countries = useMemo(countryOptions, [])
  const currencies = useMemo(currencyOptions, [])
  const zones = useMemo(zoneNames, [])
  const shared = { searchable: true, clearable: true, limit: SHOWN_OPTIONS, nothingFoundMessage: 'None' } as const
  return (
    <SimpleGrid cols={2} spacing={12} verticalSpacing={12}>
      <Select label="Country" placeholder="India" {...shared} {...choice(propsOf('country'), countries)} />
      <Select label="Currency" placeholder="INR" {...shared} {...choice(propsOf('currency'), currencies)} />
      <Select label="Time zone" placeholder="Asia/Kolkata" {...shared} {...choice(propsOf('timezone'), zones)} />
      <Autocomplete
        label="Financial year starts"
        placeholder="04-01"
        data={FINANCIAL_YEARS}
        {...propsOf('financialYear')}
      />
    </SimpleGrid>
  )
}

/** A select says null where a form has an empty text. A value that is not among the options is one of them: it was stored. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
function choice(props: any, options: readonly (Option | string)[]) {
  const { value } = props as { value: string }
  const isListed =
    value === '' || options.some(option => (typeof option === 'string' ? option : option.value) === value)
  return {
    ...props,
    data: isListed ? options : [value, ...options],
    value: value === '' ? null : value,
    onChange: (next: string | null) => props.onChange(next ?? ''),
  }
}

/** Present names of zones that browsers list under an older one: https://data.iana.org/time-zones/tzdb/backward */
const PRESENT_ZONES: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
}

const zoneNames = (): string[] =>
  ['UTC', ...Intl.supportedValuesOf('timeZone').map(zone => PRESENT_ZONES[zone] ?? zone)].sort()

interface Option {
  value: string
  label: string
}

const byLabel = (a: Option, b: Option): number => a.label.localeCompare(b.label)

/** All two-letter codes that have a name; the browser keeps no list of them. */
function countryOptions(): Option[] {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index))
  return letters
    .flatMap(first => letters.map(second => first + second))
    .flatMap(code => {
      const name = NO_COUNTRIES.has(code) ? undefined : names.of(code)
      return name === undefined ? [] : [{ value: code, label: `${name} (${code})` }]
    })
    .sort(byLabel)
}

/** Codes with a name that are no ISO 3166 countries. */
const NO_COUNTRIES = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'XK', 'ZZ', 'AC', 'CP', 'CQ', 'DG', 'EA', 'IC', 'TA'])

function currencyOptions(): Option[] {
  const names = new Intl.DisplayNames('en', { type: 'currency' })
  return Intl.supportedValuesOf('currency').map(code => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }))
}
