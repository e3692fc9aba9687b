import { Logo } from '../../components/Logo.tsx'
import { Screen } from '../../components/Screen.tsx'
import classes from './environments.module.css'
import { FirstSteps } from './FirstSteps.tsx'

/** The first run: there is nothing yet, and two ways to begin. */
export default function WelcomeScreen() {
  return (
    <Screen title="Welcome">
      <div className={classes.hello}>
        <Logo size={56} />
        <h2>Administer every tenant from one place</h2>
        <p>
          Tenantry works with the databases of your multi-tenant HR systems. An environment names the stores of one
          system; begin with one.
        </p>
      </div>
      <FirstSteps />
    </Screen>
  )
}
