import { readFile } from 'node:fs/promises'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An official opens 7P, reads how a figure is counted and what it rests on, narrows
// it to a group and a month, and takes the page away as a file.
test('an official reads 7P and takes a page away @noscript @six', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'official')
  await page.goto('/insight/7p')
  await expectSound(page, lang)
  await page.locator('a[href="/insight/7p/profiling"]').last().press('Enter')
  await expect(page.locator('#stat-penetration')).toBeVisible()
  const figure = page.locator('section[aria-labelledby="stat-penetration"]')
  await figure.locator('summary').press('Enter')
  await expect(figure.locator('dt')).toHaveCount(6)
  await expectSound(page, lang)
  await page.locator('[name=group]').selectOption('kind:enterprise')
  await page.locator('.mq-bar button').press('Enter')
  await expect(page).toHaveURL(/group=kind%3Aenterprise/)
  await expect(page.locator('#table-concentration')).toBeVisible()
  await page.locator('a[href^="/insight/7p/value"]').press('Enter')
  await expect(page.locator('#table-net_value')).toBeVisible()
  await expectSound(page, lang)
  const waiting = page.waitForEvent('download')
  await page.locator('a[href^="/insight/7p/value.csv"]').press('Enter')
  const file = await readFile(await (await waiting).path(), 'utf8')
  expect(file).toContain('definition_version')
  expect(file).toContain('kind:enterprise')
  await page.goto('/insight/7p/inputs')
  await expect(page.locator('#population')).toBeVisible()
})

// The figures of each page, as the registry has them.
const figures: Record<string, string[]> = {
  persistency: ['repeat_use', 'recontact', 'retention', 'fallback', 'trust_slope', 'trust_change', 'enterprise_stay', 'consent'],
  promotion: ['reach', 'uptake', 'control_uptake', 'uplift', 'additional', 'cost_each', 'opt_out', 'complaints', 'reach_gap'],
}

// parts is a file of values, split: no field of it holds a line break.
function parts(file: string): Record<string, string>[] {
  const fields = (line: string) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '')
  const [heads, ...lines] = file.replace('\ufeff', '').trim().split(/\r?\n/)
  return lines.map((line) => Object.fromEntries(fields(line).map((value, i) => [fields(heads!)[i]!, value])))
}

// Beside every figure stands how it is counted: numerator, denominator, interval, period, what
// is left out, version; and the page shows the numbers that its file has.
test('an official reads whether people come back and what telling them brought @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'official')
  await page.goto('/insight/7p')
  for (const [id, names] of Object.entries(figures)) {
    await page.locator(`a[href^="/insight/7p/${id}"]`).last().press('Enter')
    await expect(page).toHaveURL(new RegExp(`/insight/7p/${id}`))
    await expect(page.locator('.mq-stats section')).toHaveCount(names.length)
    for (const name of names) {
      const figure = page.locator(`section[aria-labelledby="stat-${name}"]`)
      await expect(figure.locator('.mq-stat__value')).toContainText(/\d|—/)
      await expect(figure.locator('.mq-stat__note, .mq-details').first(), `${name} says what it rests on`).toBeVisible()
      const definition = figure.locator('details').last()
      await definition.locator('summary').press('Enter')
      await expect(definition.locator('dd'), `how ${name} is counted`).toHaveCount(6)
      for (const said of await definition.locator('dd').allTextContents()) expect(said.trim()).not.toBe('')
      await definition.locator('summary').press('Enter')
    }
    await expectSound(page, lang)

    const waiting = page.waitForEvent('download')
    await page.locator(`a[href^="/insight/7p/${id}.csv"]`).press('Enter')
    const lines = parts(await readFile(await (await waiting).path(), 'utf8'))
    for (const name of names) expect(lines.map((line) => line.figure), 'each figure is in the file').toContain(name)
    if (id === 'persistency') {
      const stayed = page.locator('#table-retention td[data-value]')
      await expect(stayed.first(), 'by which channel people came again').toBeVisible()
      const shown = (await stayed.evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-value'))))).sort()
      const told = lines.filter((line) => line.figure === 'retention' && line.item && !line.part && line.value)
      expect(shown).toEqual(told.map((line) => Number(line.value)).sort())
      for (const line of told) expect(Number(line.value)).toBeCloseTo(Number(line.numerator) / Number(line.denominator), 9)
      await expect(page.locator('#table-moves')).toBeVisible()
      await expect(page.locator('section[aria-labelledby="stat-retention"] .mq-stat__value')).toContainText(/\d %|\d%/)
    } else {
      const funnel = page.locator('#table-funnel tbody tr').first()
      const eligible = lines.find((line) => line.figure === 'funnel' && line.part === 'eligible')!
      const [told, control] = ['told', 'control'].map((stage) => Number(lines.find((line) => line.figure === 'funnel' && line.part === stage)!.value))
      await expect(funnel.locator('td').first()).toHaveAttribute('data-value', eligible.value!)
      expect(told! + control!, 'everybody is told or held back').toBe(Number(eligible.value))
      expect(control!, 'a group that is held back is never smaller').toBeGreaterThanOrEqual(200)
      const uplift = lines.find((line) => line.figure === 'uplift')!
      await expect(page.locator(`#table-results td[data-value="${uplift.value}"]`)).toBeVisible()
    }
  }
})
