import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An officer writes a benefit and has those found whom it fits; a second person takes
// one off the list and confirms it; a citizen agrees and has a case. Of another benefit
// the citizen reads why it is not theirs.
test('a benefit is confirmed, agreed to and granted @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(180_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const officer = await signedIn(browser, options, lang, 'outreach')
  const press = (value: string) => officer.locator(`button[value="${value}"]`).last().press('Enter')
  await officer.goto('/people/offers')
  await expectSound(officer, lang)
  await officer.locator('a[href="/people/offers/new"]').press('Enter')
  await press('save')
  await expect(officer.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(officer, lang)
  await officer.locator('[name=code]').fill('winter-coat')
  for (const l of ['zh-Hant', 'zh-Hans', 'en']) {
    await officer.locator(`[name="name.${l}"]`).fill('Winter coat 冬衣')
    await officer.locator(`[name="gives.${l}"]`).fill('300')
    await officer.locator(`[name="about.${l}"]`).fill('65+')
  }
  await officer.locator(`[name="law.${lang}"]`).fill('老年人权益保障法 33')
  await officer.locator('[name=amount]').fill('300')
  await officer.locator('[name=money][value=yes]').check()
  await officer.locator('[name=unit]').selectOption('MZ')
  await officer.locator('[name=matter]').selectOption('minimum-living')
  await officer.locator('[name="new.n"]').selectOption('age')
  await press('add:n')
  await expect(officer.locator('[name="n.0.min"]')).toHaveValue('65')
  await expect(officer.locator('#says')).toContainText('65')
  await press('save')
  await expect(officer).toHaveURL(/\/people\/offers\/[0-9a-f-]{36}$/)
  await expectSound(officer, lang)
  await press('publish')
  await press('match')
  await expect(async () => {
    await officer.reload()
    await expect(officer.locator('#people')).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
  await expect(officer.locator('button[value=confirm]')).toHaveCount(0)
  await expectSound(officer, lang)

  const second = await signedIn(browser, options, lang, 'supervisor')
  await second.goto(officer.url())
  await second.locator('#people tbody a').last().press('Enter')
  await expect(second.locator('.mq-rules .mq-chip--done').first()).toBeVisible()
  await second.locator('button[value=trim]').press('Enter')
  await expect(second.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(second, lang)
  await second.locator('[name=reason][value=has_it]').check()
  await second.locator('button[value=trim]').press('Enter')
  await second.locator('button[value=confirm]').press('Enter')
  await expect(second.locator('.mq-notice--done')).toBeVisible()
  await expectSound(second, lang)

  const citizen = await signedIn(browser, options, lang, 'citizen')
  const mine = citizen.locator('section', { hasText: 'Winter coat 冬衣' })
  await expect(async () => {
    await citizen.goto('/me/offers')
    await expect(mine.locator('button[value=agree]')).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
  await expectSound(citizen, lang)
  await mine.locator('button[value=agree]').press('Enter')
  await expect(async () => {
    await citizen.goto('/me/offers')
    await expect(mine.locator('a[href^="/cases/"]')).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
  await mine.locator('a[href^="/cases/"]').press('Enter')
  await expect(citizen.locator('h1')).toContainText('Winter coat 冬衣')
  await expectSound(citizen, lang)
  await citizen.goto('/offers/startup-seal-waiver')
  await expect(citizen.locator('.mq-rules .mq-chip--over').first()).toBeVisible()
  await expectSound(citizen, lang)
  await citizen.goto('/offers')
  await expectSound(citizen, lang)
})

// Groups are found in what people asked for, and one becomes a segment.
test('a discovered group becomes a segment @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'outreach')
  await page.goto('/people/segments/discovered')
  await expectSound(page, lang)
  await page.locator('form[action="/people/segments/discovered"] button').press('Enter')
  await expect(async () => {
    await page.reload()
    await expect(page.locator('section.mq-card').first()).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
  await expectSound(page, lang)
  await page.locator('a[href*="group="]').first().press('Enter')
  await expect(page.locator('[name="leaf.n.0"]')).toHaveValue('cases')
  await page.locator(`[name="name.${lang}"]`).fill('需要相近的人')
  await page.locator('[name=purpose][value=planning]').check()
  await page.locator('[name=basis][value=legal_duty]').check()
  await page.locator(`[name="basis_text.${lang}"]`).fill('x')
  await page.locator('button[value=save]').press('Enter')
  await expect(page).toHaveURL(/\/people\/segments\/[0-9a-f-]{36}$/)
  await expectSound(page, lang)
})
