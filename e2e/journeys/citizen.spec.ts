import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const next = 'main form .govuk-button[type=submit]:not(.govuk-button--secondary)'

// What a complaint asks and a help request does not: about whom, and for whom.
test('a complaint about a unit is filed for somebody else @noscript @smoke @six', async ({ page, lang }) => {
  await page.goto('/file/street-light/what')
  await page.locator('input[name=kind][value=help_request]').check()
  await expect(page.locator('select[name="subject.unit_code"]')).toBeHidden()
  await page.locator('input[name=kind][value=complaint]').check()
  await page.locator('select[name="subject.unit_code"]').selectOption('CG03')
  await page.locator('input[name="subject.name"]').fill('某科員')
  await page.locator('input[name=title]').fill('報修三次沒有人來')
  await page.locator('textarea[name=description]').fill('打了三次電話，每次都說明天來。')
  await expectSound(page, lang)
  await page.locator(next).click()
  await page.locator(next).click() // the questions are optional
  await page.locator('input[name="location.address"]').fill('湖濱路 12 號前')
  await page.locator(next).click()

  await expect(page).toHaveURL(/\/who$/)
  await page.locator('input[name=confidentiality][value=anonymous]').check()
  await expect(page.locator('input[name="contact.name"]')).toBeHidden()
  await page.locator('input[name=confidentiality][value=identity_hidden]').check()
  await page.locator('input[name=filing_for][value=other]').check()
  await page.locator('input[name="contact.name"]').fill('王小明')
  await page.locator('input[name="contact.phone"]').fill('13812345678')
  await expectSound(page, lang)
  await page.locator(next).click()
  await page.locator('.govuk-error-summary a[href="#on_behalf_of-name"]').click()
  await expect(page.locator('input[name="on_behalf_of.name"]')).toBeFocused()
  await expectSound(page, lang)
  await page.locator('input[name="on_behalf_of.name"]').fill('王秀英')
  await page.locator(next).click()

  await expect(page).toHaveURL(/\/check/)
  const checked = page.locator('.govuk-summary-list')
  await expect(checked.filter({ hasText: '王秀英' })).toBeVisible()
  await expect(checked.filter({ hasText: '某科員' })).toBeVisible()
  await expectSound(page, lang)
  await page.locator('a[href$="/what"]').last().click()
  await expect(page.locator('select[name="subject.unit_code"]')).toHaveValue('CG03')
  await page.goBack()
  await page.locator(next).click()
  await expect(page).toHaveURL(/\/receipt\//)
  await expectSound(page, lang)
  await page.goBack()
  await page.goForward()
  await expect(page.locator('#query-code')).toBeVisible()
})

test('the home page begins with what needs me now @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const citizen = await signedIn(browser, options, lang, 'citizen')
  await expect(citizen).toHaveURL(/\/(\?lang=[\w-]+)?$/)
  await expect(citizen.locator('main > :first-child')).toHaveClass('mq-now')
  await expectSound(citizen, lang)
  await citizen.goto('/me/cases')
  await expectSound(citizen, lang)
  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto('/')
  await expect(handler.locator('.mq-now a[href^="/desk"]').first()).toBeVisible()
  await expectSound(handler, lang)
})

test('a case is withdrawn by who filed it @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'citizen')
  await page.goto('/file/street-light/what')
  await page.locator('input[name=title]').fill('湖濱路 12 號前路燈不亮')
  await page.locator('textarea[name=description]').fill('兩盞路燈不亮。')
  await page.locator(next).click()
  await page.locator(next).click()
  await page.locator('input[name="location.address"]').fill('湖濱路 12 號前')
  await page.locator(next).click()
  await page.locator(next).click() // the account says who it is
  await page.locator(next).click()
  const caseNo = await page.locator('#case-no').innerText()
  await page.goto(`/cases/${caseNo}`)
  await expectSound(page, lang)
  await page.locator('details:has(button[value=withdraw]) summary').click()
  await page.locator('button[value=withdraw]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await expect(page.locator('button[value=say]')).toHaveCount(0)
  await expectSound(page, lang)
})
