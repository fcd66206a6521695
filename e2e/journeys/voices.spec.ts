import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

test('a question and its answer are published, read and taken back @noscript', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const head = await signedIn(browser, options, lang, 'supervisor')
  await head.goto('/desk/voices')
  await expectSound(head, lang)
  await head.locator('main a[href$="/publish"]').first().click()
  await expectSound(head, lang)
  const title = await head.locator('input[name=title]').inputValue()
  const question = (await head.locator('textarea[name=question]').inputValue()).split('\n')[0]
  await head.locator('button[value=publish]').click()
  await expect(head.locator('.govuk-error-summary'), 'nothing is published unread').toBeVisible()
  await expectSound(head, lang)
  await head.locator('.govuk-checkboxes__input').check()
  await head.locator('button[value=publish]').click()
  await expect(head).toHaveURL(/\/desk\/voices$/)
  await head.locator('.mq-notice--done a').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible() // with the way to it
  await expectSound(head, lang)

  await page.goto('/voices')
  await expectSound(page, lang)
  await page.locator('.mq-row__title').filter({ hasText: title }).first().click()
  await expect(page.locator('article')).toContainText(question.slice(0, 12))
  await expectSound(page, lang)
  const counted = async () => Number(/\d+/.exec(await page.locator('#concern').innerText())?.[0] ?? 0)
  const before = await counted()
  await page.locator('button[value=say]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  expect(await counted()).toBe(before + 1)
  await expectSound(page, lang)
  await page.locator('button[value=undo]').click()
  await expect(page.locator('button[value=say]')).toBeVisible()
  expect(await counted()).toBe(before)
  await expect(page.locator('input[name=email]'), 'nobody follows where no mail can leave').toHaveCount(0)
  expect(await (await page.request.get('/voices/feed')).text()).toContain(title)
  await page.goto('/voices?q=qwertyuiop')
  await expect(page.locator('.mq-row__title')).toHaveCount(0)
  await expectSound(page, lang)
})

test('somebody agrees that their question is shown, and takes it back @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const citizen = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'citizen')
  await citizen.goto('/me/cases')
  const cases = await citizen.locator('main a[href^="/cases/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
  const agree = citizen.locator('button[value=agree]')
  for (const one of cases) {
    await citizen.goto(one)
    if (await agree.count()) break
  }
  const open = async () => {
    const folded = citizen.locator('details:not([open])').filter({ has: citizen.locator('button[value=agree], button[value=revoke]') })
    if (await folded.count()) await folded.locator('summary').click()
  }
  await open()
  await agree.click()
  await expectSound(citizen, lang)
  await open()
  await citizen.locator('button[value=revoke]').click()
  await open()
  await expect(agree).toBeVisible()
})
