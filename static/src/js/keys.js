// Keys for lists of rows: j and k move, x ticks the row's box, Enter opens (the
// row's link has the focus), / goes to the search and ? shows the help sheet.
// <ol data-keys="DIALOG-ID" data-search="INPUT-ID">, rows marked with data-row.
// Nothing happens while someone types. The sheet has a box that turns single
// keys off (WCAG 2.1.4: speech input would press them); this browser keeps it.
const OFF = 'mq-keys-off'

const typing = (el) => el instanceof Element && el.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog') !== null

export function start() {
  const list = document.querySelector('[data-keys]')
  if (!list) return
  const sheet = document.getElementById(list.dataset.keys)
  if (sheet) startSheet(sheet)
  startList(list, sheet)
}

// startSheet shows the sheet by its button. A dialog closes by Escape and gives
// the focus back by itself.
function startSheet(sheet) {
  const button = document.querySelector('[data-keys-open]')
  button.hidden = false
  button.addEventListener('click', () => sheet.showModal())
  sheet.addEventListener('click', (event) => { if (event.target === sheet) sheet.close() })
  const on = sheet.querySelector('input[type=checkbox]')
  on.checked = !off()
  on.addEventListener('change', () => keep(!on.checked))
}

function off() {
  try {
    return localStorage.getItem(OFF) !== null
  } catch {
    return false // storage is refused: the keys work
  }
}

function keep(turnedOff) {
  try {
    turnedOff ? localStorage.setItem(OFF, '1') : localStorage.removeItem(OFF)
  } catch { /* storage is refused: the choice lasts as long as the page */ }
}

function startList(list, sheet) {
  const rows = [...list.querySelectorAll('[data-row]')]
  let at = -1
  const choose = (i) => {
    at = i
    rows.forEach((row, j) => row.classList.toggle('is-current', i === j))
  }
  const move = (by) => {
    choose(Math.min(Math.max(at + by, 0), rows.length - 1))
    rows[at].querySelector('a, button')?.focus({ preventScroll: true })
    rows[at].scrollIntoView({ block: 'nearest' })
  }
  const pick = () => rows[at]?.querySelector('input[type=checkbox]')?.click()
  const search = () => {
    const input = document.getElementById(list.dataset.search ?? '')
    const folded = input?.closest('details')
    if (folded) folded.open = true
    input?.focus()
  }
  const acts = { j: () => move(1), k: () => move(-1), x: pick, '?': () => sheet?.showModal(), '/': search }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || off()) return
    if (!Object.hasOwn(acts, event.key)) return
    event.preventDefault()
    acts[event.key]()
  })
  list.addEventListener('focusin', (event) => choose(rows.indexOf(event.target.closest('[data-row]'))))
}
