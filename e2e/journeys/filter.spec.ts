import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// A supervisor narrows the cases of the city, takes one condition away again, is told
// of a day that is none, and looks what a case's requester and place had before.
test('cases are filtered and what was before is seen @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'supervisor')
  const list = page.locator('main form[action="/desk/filter"] button')
  await page.goto('/desk')
  await page.goto((await page.locator('a[href="/desk/filter"]').first().getAttribute('href'))!)
  await expectSound(page, lang)
  await page.locator('[name=status]').selectOption('handling')
  await page.locator('[name=received_from]').fill('2026-01-01')
  await list.press('Enter')
  await expect(page).toHaveURL(/received_from=2026-01-01/)
  await expect(page.locator('.mq-tag')).toHaveCount(2)
  await expect(page.locator('[data-row]').first()).toBeVisible()
  await expectSound(page, lang)
  await page.locator('.mq-tag').last().press('Enter')
  await expect(page.locator('.mq-tag')).toHaveCount(1)

  await page.goto('/desk/filter?received_from=2026-11-24&received_to=2026-11-01')
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expect(page.locator('[name=received_from]')).toHaveValue('2026-11-24')
  await expectSound(page, lang)

  await page.goto('/desk/filter?status=handling')
  let asks: string | null = null
  for (const href of await page.locator('[data-row] a').evaluateAll((all) => all.map((one) => one.getAttribute('href')!))) {
    await page.goto(`${href}/earlier`)
    if ((await page.locator('main li a[href^="/desk/cases/"]').count()) > 0) {
      asks = href
      break
    }
  }
  expect(asks, 'the city has a case with earlier ones').not.toBeNull()
  await expectSound(page, lang)
  await page.goto(asks!)
  const opened = page.locator(`details:has(a[href="${asks}/earlier"])`)
  await opened.locator('summary').click()
  if (javaScriptEnabled === false) await opened.locator(`a[href="${asks}/earlier"]`).press('Enter')
  await expect(page.locator('#earlier li a, main > .mq-case__number ~ ul a').first()).toBeVisible()
  await expectSound(page, lang)
})
