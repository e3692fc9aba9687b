import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { Router } from 'wouter'
import { queryClient } from '../client/query-client.ts'
import { useHashLocation } from './location.ts'
import { Shell } from './shell/Shell.tsx'
import { cssVariables, theme } from './theme.ts'

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Router hook={useHashLocation}>
          <Shell />
        </Router>
      </QueryClientProvider>
      <Notifications position="top-right" limit={4} zIndex={400} />
    </MantineProvider>
  )
}
