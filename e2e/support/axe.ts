import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const written = ({ violations }: Awaited<ReturnType<AxeBuilder['analyze']>>): string[] =>
  violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(' ')} ${node.failureSummary}`))

/** Runs in the page. Colours on their way from one theme to the other belong to neither; one may set off the next. */
const coloursAtRest = (): Promise<void> =>
  new Promise(resolve => {
    let quietFrames = 0
    const look = () => {
      const isMoving = document.getAnimations().some(animation => animation instanceof CSSTransition)
      quietFrames = isMoving ? 0 : quietFrames + 1
      if (quietFrames > 3) resolve()
      else requestAnimationFrame(look)
    }
    look()
  })

/** All rules of axe in the light theme; in the dark one those that a theme can break. */
export async function expectNoViolations(page: Page): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme)
    await page.evaluate(coloursAtRest)
    const axe = new AxeBuilder({ page })
    if (theme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block'])
    expect(written(await axe.analyze()), theme).toEqual([])
  }
}
