// Keys for lists of rows: j and k move, Enter opens, x selects, / searches and
// ? shows the help sheet. <ul data-keys="HELP-ID" data-search="INPUT-ID">, rows
// marked with data-row. Nothing happens while someone types.
const typing = (el) => el.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null

export function start() {
  for (const list of document.querySelectorAll('[data-keys]')) bind(list)
}

function bind(list) {
  const rows = () => [...list.querySelectorAll('[data-row]')]
  let at = -1
  const move = (by) => {
    const all = rows()
    if (all.length === 0) return
    at = Math.min(Math.max(at + by, 0), all.length - 1)
    all.forEach((row, i) => row.classList.toggle('is-current', i === at))
    all[at].querySelector('a').focus({ preventScroll: true })
    all[at].scrollIntoView({ block: 'nearest' })
  }
  const toggle = () => rows()[at]?.querySelector('input[type=checkbox]')?.click()
  const help = () => document.getElementById(list.dataset.keys)?.showModal()
  const search = () => document.getElementById(list.dataset.search ?? '')?.focus()
  const acts = { j: () => move(1), k: () => move(-1), x: toggle, '?': help, '/': search }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })
  list.addEventListener('focusin', (event) => {
    const row = event.target.closest('[data-row]')
    if (!row) return
    at = rows().indexOf(row)
    rows().forEach((one) => one.classList.toggle('is-current', one === row))
  })
}
