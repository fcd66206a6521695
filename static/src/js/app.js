// Everything here makes pages quicker; no page needs it.
import {
  Button, CharacterCount, ErrorSummary, PasswordInput, SkipLink, Tabs,
  createAll, isSupported,
} from 'govuk-frontend'
import { startCopy, startMenus, startNotice, startOpenWide, startPrint, startSend, startSubmitOnChange } from './small.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
if (isSupported()) {
  for (const Component of [Button, CharacterCount, ErrorSummary, PasswordInput, SkipLink, Tabs]) {
    createAll(Component)
  }
  // A form that was fetched later.
  document.addEventListener('act', ({ target }) => {
    for (const Component of [Button, CharacterCount]) createAll(Component, undefined, target)
  })
}
startCopy()
startMenus()
startNotice()
startOpenWide()
startPrint()
startSend()
startSubmitOnChange()

// A box inside folded details has no size before they open.
function whenSeen(box, show) {
  const folded = box.closest('details:not([open])')
  folded ? folded.addEventListener('toggle', show, { once: true }) : show()
}

// leave takes away what this browser keeps of inspections before somebody signs out; a
// browser that cannot say within two seconds does not keep them signed in.
async function leave(event, form) {
  if (!window.indexedDB?.databases) return
  event.preventDefault()
  const forget = async () => {
    const pages = await window.caches?.keys() ?? []
    const forms = await indexedDB.databases()
    if (pages.some((name) => name.startsWith('minqing-inspection ')) || forms.some(({ name }) => name === 'minqing-inspections')) await (await import('./inspection.js')).forget()
  }
  await Promise.race([forget().catch(() => {}), new Promise((done) => { setTimeout(done, 2_000) })])
  form.submit()
}

const has = (selector) => document.querySelector(selector) !== null
if (has('[hx-get],[hx-post],[hx-boost],[hx-trigger]')) {
  // It writes a style of its own as soon as it is there, which our policy forbids: it reads this first.
  const wish = document.createElement('meta')
  wish.name = 'htmx-config'
  wish.content = '{"includeIndicatorStyles":false}'
  document.head.append(wish)
  import('./htmx.js')
}
if (has('[data-chart]')) import('./chart.js').then((m) => m.start())
for (const box of document.querySelectorAll('[data-map]')) whenSeen(box, () => import('./map.js').then((m) => m.start(box)))
if (has('[data-act], [data-drafts]')) import('./acts.js').then((m) => m.start())
for (const form of document.querySelectorAll('[data-black]')) import('./black.js').then((m) => m.start(form))
for (const form of document.querySelectorAll('[data-upload]')) import('./upload.js').then((m) => m.start(form))
for (const form of document.querySelectorAll('[data-inspection]')) import('./inspection.js').then((m) => m.start(form))
if (window.caches) caches.keys().then((all) => all.some((name) => name.startsWith('minqing-inspection ')) && import('./inspection.js').then((m) => m.tidy())).catch(() => {})
for (const form of document.querySelectorAll('form[action="/sign-out"]')) form.addEventListener('submit', (event) => leave(event, form), { once: true })
if (has('[data-live]')) import('./live.js').then((m) => m.start())
if (has('[data-keys]')) import('./keys.js').then((m) => m.start())
if (has('[data-passkey], [data-needs-passkey]')) import('./passkey.js').then((m) => m.start())
