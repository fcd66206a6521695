import { expectSound } from '../support/page.ts'
import { act, reply, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// The whole loop: a citizen files, civil servants handle, the citizen judges.
test('a complaint is filed, handled in time and judged @noscript @smoke @six', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(150_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  await page.goto('/file/street-light')
  await expectSound(page, lang)
  await page.locator('input[name=title]').fill('湖濱路 12 號前路燈不亮')
  await page.locator('textarea[name=description]').fill('兩盞路燈從週一晚上起都不亮，請派人修理。')
  const next = page.locator('main form button[type=submit]:not(.govuk-button--secondary)').last()
  while (!page.url().includes('/check')) {
    const at = page.url()
    await answerStep(page)
    await next.click()
    await expect(page).not.toHaveURL(at)
    await expectSound(page, lang)
  }
  await next.click()
  await expect(page).toHaveURL(/\/receipt\//)
  await expectSound(page, lang)
  const receipt = await page.locator('main').innerText()
  const caseNo = /[A-Z]{2}\d{11,}[0-9A-Z]/.exec(receipt)![0]
  const code = /[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}/.exec(receipt)![0]

  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  await expectSound(dispatcher, lang)
  await dispatcher.goto(`/desk/cases/${caseNo}`)
  await expectSound(dispatcher, lang)
  await act(dispatcher, 'accept')
  await act(dispatcher, 'dispatch')

  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto(`/desk/cases/${caseNo}`)
  await act(handler, 'sign_in')
  await act(handler, 'assign')
  await act(handler, 'reply', (form) => form.locator('textarea').fill(reply[lang]))
  await act(handler, 'conclude', (form) => form.locator('input[type=radio]').first().check())
  await expectSound(handler, lang)

  await page.goto('/track')
  await expectSound(page, lang)
  await page.locator('input[name=case_no]').fill(caseNo)
  await page.locator('input[name=query_code]').fill('AAAAA-AAAAA')
  await page.locator('main form button[type=submit]').click()
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(page, lang)
  await page.locator('input[name=query_code]').fill(code)
  await page.locator('main form button[type=submit]').click()
  await expect(page).toHaveURL(new RegExp(`/cases/${caseNo}`))
  await expectSound(page, lang)
  await page.locator('button[value=evaluate]').click()
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await judge(page, '2', 'no')
  await expectSound(page, lang)

  // A bad review is work: the unit rings, mends and tells, and is judged again.
  await handler.goto('/desk?view=rated')
  await expectSound(handler, lang)
  await handler.locator(`a[href*="${caseNo}"]`).first().click()
  await act(handler, 'verify_grade', async (form) => {
    await form.locator('input[type=radio]').first().check()
    await form.locator('textarea').fill('已致電民眾，確有一盞仍不亮。')
  })
  await act(handler, 'rectify', (form) => form.locator('textarea').fill('另一盞燈泡也已更換。'))
  await expectSound(handler, lang)
  await page.reload()
  await expect(page.locator('main')).toContainText('另一盞燈泡也已更換。')
  await judge(page, '5', 'yes')
  await expectSound(page, lang)
  await handler.reload()
  for (const grade of [/^(不滿意|不满意|Dissatisfied)$/, /^(非常滿意|非常满意|Very satisfied)$/]) {
    await expect(handler.getByText(grade).first(), 'both judgements are kept').toBeVisible()
  }
})

async function judge(page: import('@playwright/test').Page, grade: string, resolved: string) {
  await page.locator(`input[name=grade][value="${grade}"]`).check()
  await page.locator(`input[name=resolved][value=${resolved}]`).check()
  await page.locator('button[value=evaluate]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await expect(page.locator('button[value=evaluate]')).toHaveCount(0)
}

// answerStep fills what the open step of the form asks for.
async function answerStep(page: import('@playwright/test').Page) {
  const fill = async (name: string, value: string) => {
    const input = page.locator(`[name="${name}"]`)
    if (await input.count()) await input.fill(value)
  }
  await fill('address', '湖濱路 12 號前')
  await fill('location.address', '湖濱路 12 號前')
  await fill('name', '王小明')
  await fill('phone', '13812345678')
  await fill('contact.name', '王小明')
  await fill('contact.phone', '13812345678')
  const names = await page.locator('main input[type=radio]').evaluateAll((all) => [...new Set(all.map((one) => (one as HTMLInputElement).name))])
  for (const name of names) {
    const group = page.locator(`main input[type=radio][name="${name}"]`)
    if (await group.and(page.locator(':checked')).count()) continue
    await (name === 'danger' ? group.last() : group.first()).check()
  }
  for (const select of await page.locator('main select').all()) {
    if ((await select.getAttribute('name')) === 'subject.unit_code') continue // about nobody in particular
    if (!(await select.inputValue())) await select.selectOption({ index: 1 })
  }
}
