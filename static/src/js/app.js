// Everything here makes pages quicker; no page needs it.
import {
  Button, CharacterCount, ErrorSummary, PasswordInput, SkipLink, Tabs,
  createAll, isSupported,
} from 'govuk-frontend'
import { startCopy, startMenus, startNotice, startOpenWide, startPrint, startSubmitOnChange } from './small.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
if (isSupported()) {
  for (const Component of [Button, CharacterCount, ErrorSummary, PasswordInput, SkipLink, Tabs]) {
    createAll(Component)
  }
}
startCopy()
startMenus()
startNotice()
startOpenWide()
startPrint()
startSubmitOnChange()

const has = (selector) => document.querySelector(selector) !== null
if (has('[hx-get],[hx-post],[hx-boost],[hx-trigger]')) import('./htmx.js')
if (has('[data-chart]')) import('./chart.js').then((m) => m.start())
if (has('[data-map]')) import('./map.js').then((m) => m.start())
if (has('[data-keys]')) import('./keys.js').then((m) => m.start())
