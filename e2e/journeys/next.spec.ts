import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

test('somebody asks why a step is shown, switches it off and on again', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  await page.goto('/')
  await page.locator('.mq-now a[href="/me/next"]').first().click() // there is more than the home has room for
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

// On both homes the reason and the switch stand where the step is shown: the switch comes
// back to the page that it was pressed on, and says where it can be switched on again.
for (const { home, who, code, acts } of [
  { home: '/', who: 'citizen', code: 'expires', acts: '' },
  { home: '/enterprise', who: 'company', code: 'judge', acts: '樂川' },
]) {
  test(`the home ${home} says why a step is shown and lets it be switched off @noscript`, async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
    const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, who)
    await page.goto(home)
    if (acts) {
      await page.locator('.mq-acting summary').click()
      await page.locator('.mq-acting button', { hasText: acts }).first().click()
    }
    const steps = page.locator('.mq-row', { has: page.locator(`form[action="/me/next"] input[value=${code}]`) })
    const step = steps.first()
    await step.locator('summary').click()
    await expect(step).toContainText(word(lang, `next.${code}.why`))
    await expectSound(page, lang)
    await step.locator('button[value=off]').click()
    expect(new URL(page.url()).pathname).toBe(home)
    await expect(page.locator('.mq-notice--done')).toContainText(word(lang, 'next.done.off'))
    await expect(steps).toHaveCount(0)
    await expectSound(page, lang)
    await page.locator('.mq-notice--done a').click()
    await page.locator('form', { has: page.locator(`input[value=${code}]`) }).locator('button[value=on]').click()
    await page.goto(home)
    await expect(step).toBeVisible()
    await page.context().close()
  })
}
