import { expectSound } from '../support/page.ts'
import { act, unfold, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Locator } from '@playwright/test'

// A unit sends a case back twice, the superior designates it, supervises it, and
// the case goes to a body outside; new facts bring it back.
test('a case is disputed, designated, supervised, transferred and reopened @noscript', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(180_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const filed = await page.request.post('/api/v1/cases', { data: {
    kind: 'complaint', matter_code: 'street-light', title: '湖濱路 12 號前路燈不亮', description: '兩盞路燈從週一晚上起都不亮。',
    location: { address: '湖濱路 12 號前' }, contact: { name: '王小明', phone: '13812345678' }, locale: lang,
  } })
  expect(filed.status(), await filed.text()).toBe(201)
  const at = `/desk/cases/${(await filed.json()).case_no}`

  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  const handler = await signedIn(browser, options, lang, 'handler')
  const supervisor = await signedIn(browser, options, lang, 'supervisor')
  const sendBack = async (form: Locator) => {
    await form.locator('[name="return.reason"]').selectOption('not_our_duty')
    await form.locator('[name="return.basis"]').selectOption('three_definitions')
    await form.locator('textarea').fill('依編制屬其他單位。')
  }
  await dispatcher.goto(at)
  await act(dispatcher, 'accept')
  await act(dispatcher, 'dispatch')

  await handler.goto(at)
  const form = await unfold(handler, 'return')
  await form.locator('[name="return.reason"]').selectOption('not_our_duty')
  await form.locator('textarea').fill('依編制屬其他單位。')
  await form.locator('button[type=submit]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // by which rule?
  await expectSound(handler, lang)
  await act(handler, 'return', sendBack)

  await dispatcher.goto('/desk?view=objections')
  await expect(dispatcher.locator(`a[href="${at}"]`)).toBeVisible()
  await expectSound(dispatcher, lang)
  await dispatcher.goto(at)
  await expectSound(dispatcher, lang)
  await act(dispatcher, 'decide_objection', async (form) => {
    await form.locator('[name="decide_objection.agree"][value=no]').check()
    await form.locator('textarea').fill('路燈列於貴單位職責。')
  })
  await handler.goto(at)
  await act(handler, 'return', sendBack)

  await dispatcher.goto(at)
  await expect(dispatcher.locator('input[value=decide_objection]')).toHaveCount(0)
  await supervisor.goto(at)
  await expectSound(supervisor, lang)
  await act(supervisor, 'rule_objection', async (form) => {
    await form.locator('[name="rule_objection.ruling"][value=first]').check()
    await form.locator('textarea').fill('查無其他主管單位，由首接單位主辦。')
  })
  await handler.goto(at)
  await expect(handler.locator('input[value=return]')).toHaveCount(0)

  await act(supervisor, 'supervise', async (form) => {
    await form.locator('[name="supervise.form"][value=listed]').check()
    await form.locator('[name="supervise.reason"]').selectOption('refusal')
    await form.locator('[name="supervise.days"]').fill('3')
    await form.locator('textarea').fill('請於三日內修復並回報。')
  })
  await handler.goto(at)
  await act(handler, 'sign_in')
  await act(handler, 'answer_supervision', (form) => form.locator('textarea').fill('已派員到場。'))
  await expectSound(handler, lang)
  await supervisor.goto('/desk/supervised')
  await expect(supervisor.locator(`a[href="${at}"]`)).toBeVisible()
  await expectSound(supervisor, lang)
  await supervisor.goto(at)
  await act(supervisor, 'close_supervision', (form) => form.locator('textarea').fill('已辦理。'))
  await act(supervisor, 'transfer', async (form) => {
    await form.locator('[name="transfer.body"]').selectOption('court')
    await form.locator('[name="transfer.name"]').fill('臨江市法院')
    await form.locator('[name="transfer.reason"]').fill('已繫屬法院。')
    await form.locator('[name="transfer.text"]').fill('您的案件已由臨江市法院審理，請洽該院。')
  })
  await expectSound(supervisor, lang)
  await act(supervisor, 'reopen', (form) => form.locator('textarea').fill('法院裁定不屬訴訟範圍。'))
  await expect(supervisor.locator('input[value=reply]')).toHaveCount(1)
})
