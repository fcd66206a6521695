// Telling people unasked, with a real mail server. An officer builds a segment, reads
// why somebody is in it, writes a campaign and tries it; a second person gives it
// back, and approves it; a mail comes, its reader refuses more, and the campaign is
// stopped and its result read.
import { startMailpit } from '../support/mailpit.ts'
import { ownCity } from '../support/own.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const own = ownCity(startMailpit)

test('a campaign is approved by a second person, sent, refused and stopped @noscript', async ({ browser, contextOptions, viewport, locale, lang, javaScriptEnabled }, info) => {
  test.setTimeout(180_000)
  const options = { ...contextOptions, baseURL: own.portal.url, viewport, locale, javaScriptEnabled }
  const subject = `停水通知 ${info.project.name} ${info.retry}`
  const reads = await signedIn(browser, options, lang, 'citizen') // in the portal
  await reads.goto('/me/cases')
  const theirs = (await reads.locator('main a[href^="/cases/"]').first().getAttribute('href'))!.split('/').pop()!
  const writer = await signedIn(browser, options, lang, 'outreach')
  const press = (value: string) => writer.locator(`button[value="${value}"]`).last().press('Enter')

  await writer.goto('/people/segments/new')
  await writer.locator(`[name="name.${lang}"]`).fill(subject)
  await writer.locator('[name=purpose][value=notice]').check()
  await writer.locator('[name=basis][value=urgent]').check() // by night too, and more than twice a month
  await writer.locator(`[name="basis_text.${lang}"]`).fill('突發事件應對法 64')
  await writer.locator('[name="new.n"]').selectOption('age')
  await press('add:n')
  await press('save')
  await expect(writer).toHaveURL(/\/people\/segments\/[0-9a-f-]{36}$/)
  const segment = new URL(writer.url()).pathname.split('/').pop()!
  await writer.locator('#members a').first().press('Enter')
  await expect(writer.locator('.mq-rules .mq-chip--done').first(), 'why this one is a member').toBeVisible()
  await writer.goto(`/people/segments/${segment}`)
  await writer.locator('details:has(button[value=fix]) summary').press('Enter')
  await writer.locator('[name=case_no]').fill(theirs)
  await writer.locator('[name=way][value=in]').check()
  await writer.locator('[name=reason]').fill('同一路段的住戶')
  await press('fix')
  await expect(writer.locator('#fixed'), 'put in by hand').toContainText('同一路段的住戶')

  await writer.goto('/people/campaigns')
  await expect(writer.locator('#campaigns'), 'one of the demo waits for approval').toBeVisible()
  await expectSound(writer, lang)
  await expect(writer.locator('a[href="/people/campaigns/new"]')).toBeVisible()
  await writer.goto(`/people/segments/${segment}`)
  await writer.locator(`a[href="/people/campaigns/new?segment=${segment}"]`).press('Enter')
  await expect(writer.locator('[name=segment]')).toHaveValue(segment)
  await writer.locator(`[name="mail.subject.${lang}"]`).fill(subject)
  await writer.locator('[name=per_hour]').fill('soon')
  await writer.locator('main form button[type=submit]').last().press('Enter')
  await expect(writer.locator('.govuk-error-summary')).toBeVisible()
  await expect(writer.locator(`[name="mail.subject.${lang}"]`)).toHaveValue(subject)
  await expectSound(writer, lang)
  await writer.locator(`[name="name.${lang}"]`).fill(subject)
  await writer.locator('[name=per_hour]').fill('20000')
  await writer.locator(`[name="mail.body.${lang}"]`).fill('明日 9 時至 12 時停水。')
  await writer.locator(`[name="inapp.subject.${lang}"]`).fill(`${subject}：您的路段`)
  await writer.locator(`[name="inapp.body.${lang}"]`).fill('送水車明早 8 時停在路口。')
  await writer.locator('main form button[type=submit]').last().press('Enter')
  await expect(writer).toHaveURL(/\/people\/campaigns\/[0-9a-f-]{36}$/)
  const at = new URL(writer.url()).pathname
  await expect(writer.locator('#estimate')).toBeVisible()
  await expect(writer.locator('button[value=approve]')).toHaveCount(0)
  await expectSound(writer, lang)
  await writer.locator('details:has(button[value=try]) summary').press('Enter')
  await writer.locator('[name=lang]').selectOption(lang)
  await press('try')
  await expect(writer.locator('.mq-notice--done')).toBeVisible()
  const word = { 'zh-Hant': '［測試］', 'zh-Hans': '［测试］', en: '[Test] ' }[lang]
  expect((await own.post.about(word + subject)).to, 'the test goes to its author').toBe('outreach@demo.test')
  await press('ask')
  await expect(writer.locator('.mq-notice--done')).toBeVisible()

  const second = await signedIn(browser, options, lang, 'supervisor')
  await second.goto('/') // which leads to what waits for a second person
  await expectSound(second, lang)
  await second.locator('.mq-now a[href="/people/campaigns?state=asked"]').press('Enter')
  await expectSound(second, lang)
  await second.locator(`#campaigns a[href="${at}"]`).press('Enter')
  await expect(second).toHaveURL(new RegExp(`${at}$`))
  await expectSound(second, lang)
  await second.locator('button[value=return]').press('Enter')
  await expect(second.locator('.govuk-error-summary')).toBeVisible()
  await second.locator('[name=note]').fill('請寫明路段')
  await second.locator('button[value=return]').press('Enter')
  await expect(second.locator('.mq-notice--done')).toBeVisible()
  await writer.goto(at)
  await expect(writer.locator('main')).toContainText('請寫明路段')
  await press('ask')
  await second.goto(at)
  await second.locator('button[value=approve]').press('Enter')
  await expect(second.locator('.mq-notice--done')).toBeVisible()

  const told = reads.locator('main a', { hasText: `${subject}：您的路段` })
  await expect(async () => {
    await reads.goto('/me/messages')
    await expect(told, 'who reads the portal finds it there').toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 30_000 })
  await told.press('Enter')
  await expect(reads.locator('main')).toContainText('送水車明早 8 時停在路口。')
  await expectSound(reads, lang)
  await expect(reads.locator('form[action^="/refuse/"] button'), 'one press refuses there too').toBeVisible()

  const mail = await own.post.about(subject)
  const stop = /\/refuse\/[0-9a-z.]+/.exec(mail.headers['List-Unsubscribe']![0]!)![0]
  expect(mail.headers['List-Unsubscribe-Post'], 'RFC 8058').toEqual(['List-Unsubscribe=One-Click'])
  expect(mail.text, 'the link stands in the mail too').toContain(stop)
  const reader = await (await browser.newContext(options)).newPage()
  await reader.goto(`${stop}?lang=${lang}`)
  await expectSound(reader, lang)
  await reader.locator('button[value=refuse]').press('Enter')
  await expect(reader.locator('button[value=complain]'), 'noted, and there is more to say').toBeVisible()
  await expectSound(reader, lang)

  await second.goto(at)
  await second.locator('#stop summary').press('Enter')
  await second.locator('[name=why]').fill('已恢復供水')
  await second.locator('#stop button').press('Enter')
  await expect(second.locator('main')).toContainText('已恢復供水')
  await expect(second.locator('#lead')).toBeVisible()
  await expect(second.locator('#became')).toBeVisible()
  await expectSound(second, lang)
})

// What a campaign of the city brought about is read from its list.
test('the result of a campaign that is over is read @noscript', async ({ browser, contextOptions, viewport, locale, lang, javaScriptEnabled }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL: own.portal.url, viewport, locale, javaScriptEnabled }, lang, 'supervisor')
  await page.goto('/people/campaigns')
  await page.locator('#campaigns li', { has: page.locator('.mq-chip--done') }).locator('a').press('Enter')
  await expect(page.locator('.mq-stats').first()).toContainText('%')
  await expect(page.locator('#lead')).toContainText(/\d/)
  await expectSound(page, lang)
})
