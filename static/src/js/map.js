// <div data-map data-areas="URL" data-lat="ID" data-lng="ID" data-tiles="URL">
// shows the districts as polygons, with tiles only where a server is set. With
// data-lat and data-lng it is a picker that fills those inputs; without, it
// shows the point of data-point="lat,lng". A typed address always stands beside.
import L from 'leaflet'

function style() {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL('./map.css', import.meta.url).href
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve
    document.head.append(link)
  })
}

const pin = () => L.divIcon({ className: 'mq-pin', iconSize: [24, 24], iconAnchor: [12, 24] })

async function areas(map, url) {
  const answer = await fetch(url)
  if (!answer.ok) return
  const shapes = L.geoJSON(await answer.json(), {
    style: { color: '#0b4f5c', weight: 1.5, fillColor: '#e3f0f2', fillOpacity: 0.4 },
    onEachFeature(feature, layer) {
      if (feature.properties?.name) layer.bindTooltip(feature.properties.name, { permanent: true, direction: 'center', className: 'mq-area' })
    },
  }).addTo(map)
  if (!map.picked) map.fitBounds(shapes.getBounds())
}

function picker(map, box) {
  const lat = document.getElementById(box.dataset.lat)
  const lng = document.getElementById(box.dataset.lng)
  let marker
  const pick = (at, fly) => {
    map.picked = true
    marker ? marker.setLatLng(at) : (marker = L.marker(at, { icon: pin(), keyboard: false, interactive: false }).addTo(map))
    lat.value = at.lat.toFixed(6)
    lng.value = at.lng.toFixed(6)
    lat.dispatchEvent(new Event('change', { bubbles: true }))
    if (fly) map.setView(at, Math.max(map.getZoom(), 16))
  }
  if (lat.value && lng.value) pick(L.latLng(Number(lat.value), Number(lng.value)), true)
  map.on('click', (event) => pick(event.latlng, false))
  // By keyboard: arrows move the map, Enter takes its middle.
  map.getContainer().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    pick(map.getCenter(), false)
  })
  const locate = document.getElementById(box.dataset.locate ?? '')
  if (locate && navigator.geolocation) {
    locate.hidden = false
    locate.addEventListener('click', () => navigator.geolocation.getCurrentPosition(
      (found) => pick(L.latLng(found.coords.latitude, found.coords.longitude), true),
    ))
  }
}

async function show(box) {
  box.hidden = false
  const map = L.map(box, { scrollWheelZoom: false, zoomControl: true, zoomSnap: 0.25, attributionControl: Boolean(box.dataset.tiles) })
  map.setView([0, 0], 2)
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution ?? '', maxZoom: 19 }).addTo(map)
  if (box.dataset.point) {
    const at = L.latLng(box.dataset.point.split(',').map(Number))
    map.picked = true
    L.marker(at, { icon: pin(), keyboard: false, interactive: false }).addTo(map)
    map.setView(at, 15)
  }
  if (box.dataset.lat) picker(map, box)
  if (box.dataset.areas) await areas(map, box.dataset.areas)
}

export async function start(box) {
  await style()
  show(box)
}
