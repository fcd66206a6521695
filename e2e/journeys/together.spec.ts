import { expectSound } from '../support/page.ts'
import { act, reply, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Page } from '@playwright/test'

// Two people tell of one thing: it is handled as one, with another unit's help,
// and both are answered.
test('two cases are merged, a joint unit helps, both citizens are answered @noscript', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(150_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const first = await file(page, '湖濱路 12 號前路燈不亮')
  const second = await file(page, '湖濱路 12 號的路燈都不亮了')
  const apart = await file(page, '湖濱路 12 號前面的路燈不亮')

  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  for (const one of [first, second, apart]) {
    await dispatcher.goto(`/desk/cases/${one.no}`)
    await act(dispatcher, 'accept')
    await act(dispatcher, 'dispatch')
  }

  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto(`/desk/cases/${first.no}`)
  await act(handler, 'sign_in')
  await act(handler, 'assign')
  await merge(handler, second.no, first.no)
  await expectSound(handler, lang)
  await merge(handler, apart.no, first.no)
  await act(handler, 'unmerge', (form) => form.locator('textarea').fill('不同路段。'))
  await expect(handler.locator('form:has(input[name=action][value=sign_in])')).toHaveCount(1)

  await handler.goto(`/desk/cases/${second.no}/merge?with=${first.no}`)
  await expect(handler.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(handler, lang)

  await handler.goto(`/desk/cases/${first.no}`)
  await expect(handler.locator(`a[href="/desk/cases/${second.no}"]`)).toHaveCount(1)
  await act(handler, 'add_joint', async (form) => {
    await form.locator('select').selectOption('CG02')
    await form.locator('textarea').fill('請查管線有無破損。')
  })
  await expect(handler.locator('form:has(input[name=action][value=reply])')).toHaveCount(0)
  await expectSound(handler, lang)

  const joint = await signedIn(browser, options, lang, 'head')
  await joint.goto('/desk?view=joint')
  await expect(joint.locator(`a[href="/desk/cases/${first.no}"]`)).toHaveCount(1)
  await expectSound(joint, lang)
  await joint.goto(`/desk/cases/${first.no}`)
  await act(joint, 'joint_sign_in')
  await act(joint, 'joint_answer', (form) => form.locator('textarea').fill('管線無礙。'))

  await handler.goto(`/desk/cases/${first.no}`)
  // In the language that the cases were filed in: another would bring advice.
  await act(handler, 'reply', (form) => form.locator('textarea').fill(reply['zh-Hant']))
  await act(handler, 'conclude', (form) => form.locator('input[type=radio]').first().check())

  for (const one of [first, second]) {
    await page.context().clearCookies()
    await page.goto(`/track?lang=${lang}`)
    await page.locator('input[name=case_no]').fill(one.no)
    await page.locator('input[name=query_code]').fill(one.code)
    await page.locator('main form button[type=submit]').click()
    await expect(page.locator('main')).toContainText(reply['zh-Hant'])
    await expect(page.locator('main')).not.toContainText('管線無礙')
    await expect(page.locator('button[value=evaluate]')).toHaveCount(1)
    await expect(page.locator('textarea[name=appeal_reason]')).toHaveCount(1)
    await expectSound(page, lang)
  }
})

async function file(page: Page, title: string): Promise<{ no: string, code: string }> {
  const answer = await page.request.post('/api/v1/cases', { data: { kind: 'complaint', matter_code: 'street-light', title,
    description: '兩盞路燈從週一晚上起都不亮，請派人修理。', location: { address: '湖濱路 12 號前' }, contact: { name: '王小明', phone: '13812345678' } } })
  expect(answer.status()).toBe(201)
  const body = await answer.json() as { case_no: string, query_code: string }
  return { no: body.case_no, code: body.query_code }
}

// merge compares two cases and merges the first into the second.
async function merge(page: Page, no: string, into: string) {
  await page.goto(`/desk/cases/${no}`)
  await page.locator(`a[href="/desk/cases/${no}/merge"]`).click()
  await page.locator('input[name=with]').fill(into)
  await page.locator('form[method=get] button[type=submit]').last().click()
  await expect(page.locator('#will')).toBeVisible()
  await page.locator('form:has(input[name=action][value=merge]) button[type=submit]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
}
