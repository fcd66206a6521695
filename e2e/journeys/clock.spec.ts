import { expectSound } from '../support/page.ts'
import { act, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// The clock of a case stands still and runs on; the unit asks for more time, the
// head allows it, and the citizen reads on their page what became of the promise.
test('a limit is suspended, resumed and extended, and the citizen is told', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale }
  const filed = await page.request.post('/api/v1/cases', { data: {
    kind: 'complaint', matter_code: 'street-light', title: '湖濱路 12 號前路燈不亮', description: '兩盞路燈從週一晚上起都不亮。',
    location: { address: '湖濱路 12 號前' }, contact: { name: '王小明', phone: '13812345678' }, locale: lang,
  } })
  expect(filed.status(), await filed.text()).toBe(201)
  const { case_no: caseNo, query_code: code } = await filed.json()
  const at = `/desk/cases/${caseNo}`

  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  await dispatcher.goto(at)
  await act(dispatcher, 'accept')
  await act(dispatcher, 'dispatch')
  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto(at)
  await act(handler, 'sign_in')
  await act(handler, 'assign')
  await act(handler, 'suspend', async (form) => {
    await form.locator('[name="suspend.reason"]').selectOption('appraisal')
    await form.locator('[name="suspend.until"]').fill(new Date(Date.now() + 7 * 24 * 3600_000).toISOString().slice(0, 10))
    await form.locator('[name="suspend.text"]').fill('需送驗燈具，期間不計入期限。')
  })
  await expect(handler.locator('input[name=action][value=reply]'), 'nobody answers while the clock stands still').toHaveCount(0)
  await expectSound(handler, lang)
  await handler.locator(`a[href="${at}/messages"]`).click()
  await expect(handler.locator('.mq-row'), 'the receipt, and that the clock stands still').not.toHaveCount(0)
  await expectSound(handler, lang)
  await handler.goto(at)
  await act(handler, 'resume')
  await act(handler, 'request_extension', async (form) => {
    await form.locator('[name="request_extension.days"]').fill('2')
    await form.locator('[name="request_extension.ground"]').fill('零件須待三日。')
  })
  await expect(handler.locator('input[name=action][value=decide_extension]'), 'never who asked').toHaveCount(0)

  const head = await signedIn(browser, options, lang, 'head')
  await head.goto('/desk/clocks')
  await head.locator(`a[href="${at}"]`).first().click()
  await act(head, 'decide_extension', async (form) => {
    await form.locator('[name="decide_extension.allow"][value=yes]').check()
    await form.locator('textarea').fill('零件待料，將於下週修復，請見諒。')
  })
  await expectSound(head, lang)

  await page.goto('/track')
  await page.locator('input[name=case_no]').fill(caseNo)
  await page.locator('input[name=query_code]').fill(code)
  await page.locator('main form button[type=submit]').click()
  await expect(page.locator('main')).toContainText('需送驗燈具，期間不計入期限。')
  await expect(page.locator('main')).toContainText('零件待料，將於下週修復，請見諒。')
  await expectSound(page, lang)
})
