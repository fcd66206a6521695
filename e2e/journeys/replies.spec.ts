import { expectSound } from '../support/page.ts'
import { act, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// A head keeps a template, a handler fills it in and is held back by its gap.
test('a template is kept, filled in and mended before it is sent @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const title = `T${Date.now()}`
  const head = await signedIn(browser, options, lang, 'head')
  await head.goto('/desk/templates')
  await expectSound(head, lang)
  await head.locator('a[href="/desk/templates/new"]').focus()
  await head.keyboard.press('Enter')
  await expectSound(head, lang)
  await head.locator('input[name=title]').focus()
  await head.keyboard.type(title)
  await head.locator('select[name=unit]').selectOption('CG')
  await head.locator('textarea[name=body]').fill('{{citizen}} {{case_no}} 〔1〕〔…〕 {{nothing}}')
  await head.locator('main form[method=post] button[type=submit]').first().focus()
  await head.keyboard.press('Enter')
  await expect(head.locator('.govuk-error-summary')).toBeVisible()
  await head.locator('textarea[name=body]').fill('{{citizen}} {{case_no}} 〔…〕')
  await head.locator('button[value=preview]').focus()
  await head.keyboard.press('Enter')
  await expect(head.locator('#sample')).toBeVisible()
  await expectSound(head, lang)
  await head.locator('main form[method=post] button[type=submit]').first().focus()
  await head.keyboard.press('Enter')
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)

  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto('/desk/knowledge')
  await expectSound(handler, lang)
  await handler.goto('/desk?status=handling')
  const hrefs = await handler.locator('main a[href^="/desk/cases/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
  for (const href of new Set(hrefs)) {
    await handler.goto(href)
    if (await handler.locator('button[formaction$="/reply"]').count()) break
  }
  const at = handler.url()
  const open = handler.locator('button[formaction$="/reply"]')
  const closed = handler.locator('details:not([open])').filter({ has: open }).locator('summary')
  if (await closed.count()) await closed.click()
  await open.focus()
  await handler.keyboard.press('Enter')
  await expectSound(handler, lang)
  const text = handler.locator('textarea[name="reply.text"]')
  await text.fill('–')
  const option = handler.locator('select[name=template] option', { hasText: title })
  await handler.locator('select[name=template]').selectOption((await option.getAttribute('value'))!)
  await handler.locator('button[value=fill]').focus()
  await handler.keyboard.press('Enter')
  await expect(text).toHaveValue(/^–\s[^]*〔…〕$/)
  await expectSound(handler, lang)
  await handler.locator('main form[method=post] button[type=submit]').first().click()
  await expect(handler.locator('.govuk-error-summary a[href="#reply-text"]')).toBeVisible()
  await expect(text).toHaveValue(/〔…〕$/)
  await expectSound(handler, lang)

  await handler.goto(at)
  await act(handler, 'note', (form) => form.locator('textarea').fill('@CG'))
  await expect(handler.locator('main')).toContainText('@CG')
  await handler.goto(`${at}/replies`)
  await expectSound(handler, lang)
})
