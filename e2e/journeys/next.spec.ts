import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

test('somebody asks why a step is shown, switches it off and on again', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  await page.goto('/')
  await page.locator('.mq-now a[href="/me/next"]').click() // its words say whether there is more
  await expect(page).toHaveURL(/\/me\/next$/)
  await expectSound(page, lang)
  const step = page.locator('.mq-row', { has: page.locator('a[href="/matters?situation=caring-for-parents"]') })
  await step.locator('summary').click()
  await expect(step).toContainText(word(lang, 'next.older.why'))
  await expectSound(page, lang)
  await step.locator('button').click()
  await expect(step).toHaveCount(0)
  await expectSound(page, lang)
  await page.locator('form', { has: page.locator('input[value=older]') }).locator('button[value=on]').click()
  await expect(step).toHaveCount(1)
  await page.context().close()
})
