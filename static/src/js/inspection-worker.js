// Opens the page of one inspection without network. What it may give stands in a cache
// that the page fills (inspection.js); with network the server always comes first.
const NAME = 'minqing-inspection '
const LONGEST = 72 * 3_600_000 // how old a page may be that is opened without network
const PATIENCE = 8_000 // with a network that does not answer

const page = new URL(self.registration.scope).pathname
const kept = (path) => caches.match(path, { cacheName: NAME + page, ignoreSearch: true, ignoreVary: true })

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (event.request.mode === 'navigate' && pathname === page) event.respondWith(open(event.request))
  else if (pathname.startsWith('/static/')) event.respondWith(file(event.request, pathname))
})

async function open(request) {
  try {
    const late = new Promise((_, reject) => { setTimeout(reject, PATIENCE) })
    const answer = await Promise.race([fetch(request), late])
    // Signed out, or no longer ours: nothing of it stays here.
    if (answer.type === 'opaqueredirect' || (answer.status >= 401 && answer.status <= 410)) await caches.delete(NAME + page)
    return answer
  } catch {
    const one = await kept(page)
    if (one && Date.now() - Date.parse(one.headers.get('Date')) < LONGEST) return one
    await caches.delete(NAME + page)
    return Response.error()
  }
}

async function file(request, pathname) {
  return (await kept(pathname)) ?? fetch(request)
}
