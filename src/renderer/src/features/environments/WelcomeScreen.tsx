import { Screen } from '../../components/Screen.tsx'
import { FirstSteps } from './FirstSteps.tsx'

/** The first run: there is nothing yet, and two ways to begin. */
export default function WelcomeScreen() {
  return (
    <Screen title="Welcome">
      <FirstSteps />
    </Screen>
  )
}
