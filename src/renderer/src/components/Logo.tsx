/** The mark: tenants as layers, each for itself. The same drawing as public/icon.svg. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="#5b5bd6" />
      <path fill="#fff" d="M16 5.5 26 10.6 16 15.7 6 10.6z" />
      <g fill="none" stroke="#fff" strokeWidth="2.2" strokeLinejoin="round" strokeLinecap="round">
        <path d="m6.6 16.2 9.4 4.8 9.4-4.8" opacity=".85" />
        <path d="m6.6 21.2 9.4 4.8 9.4-4.8" opacity=".55" />
      </g>
    </svg>
  )
}
