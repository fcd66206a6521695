import { expectSound } from '../support/page.ts'
import { act, signedIn, unfold } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// Somebody applies for disclosure of government information. The desk asks once what
// is unclear; until the answer comes no time runs, and with it the whole limit begins anew.
test('an application for disclosure is corrected, and its limit begins anew', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale }
  await page.goto('/matters/information-disclosure')
  await expectSound(page, lang)
  const filed = await page.request.post('/api/v1/cases', { data: {
    kind: 'enquiry', matter_code: 'information-disclosure', title: '申請公開湖濱路改造的得標契約', description: '申請公開湖濱路道路改造工程的得標契約全文。',
    contact: { name: '王小明', phone: '13812345678' }, locale: lang, answers: { form_wanted: 'electronic' },
  } })
  expect(filed.status(), await filed.text()).toBe(201)
  const { case_no: caseNo, query_code: code, due_at: due } = await filed.json()

  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  await dispatcher.goto(`/desk/cases/${caseNo}`)
  await unfold(dispatcher, 'request_info')
  await expectSound(dispatcher, lang)
  await act(dispatcher, 'request_info', async (form) => {
    await form.locator('textarea').fill('請說明要哪一個標段的契約，並請於十五日內補正。')
  })
  await expect(dispatcher.locator('.mq-clock')).toBeVisible()
  await expectSound(dispatcher, lang)

  await page.goto('/track')
  await page.locator('input[name=case_no]').fill(caseNo)
  await page.locator('input[name=query_code]').fill(code)
  await page.locator('main form button[type=submit]').click()
  await expect(page.locator('main')).toContainText('請說明要哪一個標段的契約')
  const own = () => page.request.get(`/api/v1/cases/${caseNo}`, { headers: { 'Query-Code': code } }).then((r) => r.json())
  expect((await own()).due_at).toBeNull()
  await expectSound(page, lang)
  await page.locator('textarea[name=text]').fill('第二標段。')
  await page.locator('button[value=say]').click()
  await expect(page.locator('main')).toContainText('第二標段。')
  expect(Date.parse((await own()).due_at)).toBeGreaterThanOrEqual(Date.parse(due))
})
