// A chart is drawn from the table that stands beside it, so that both always
// say the same: <div data-chart="line|bar" data-table="ID">. Cells carry their
// number in data-value; a column with data-low and data-high gets its interval.
// Bars lie on their side, so that long names can be read.
import * as echarts from 'echarts/core'
import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { SVGRenderer } from 'echarts/renderers'

echarts.use([
  BarChart, CustomChart, LineChart,
  AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer,
])

const tones = ['#0b4f5c', '#a35c00', '#5b3a8c', '#1d4f91', '#1a6138', '#a32a19']
const symbols = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin']

function number(text) {
  return text === undefined || text === '' ? null : Number(text)
}

export function read(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1)
  const rows = [...table.tBodies[0].rows]
  return {
    names: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((head, i) => ({
      name: head.textContent.trim(),
      percent: head.dataset.unit === 'percent',
      skip: head.dataset.chart === 'no',
      cells: rows.map((row) => {
        const cell = row.cells[i + 1]
        return {
          text: cell.textContent.trim(),
          value: number(cell.dataset.value),
          low: number(cell.dataset.low),
          high: number(cell.dataset.high),
        }
      }),
    })).filter((one) => !one.skip),
  }
}

// The interval is a thin bar with ends, drawn behind the point or across the bar.
function interval(one, tone, lying) {
  const data = one.cells.flatMap((cell, i) => (cell.low === null ? [] : [[i, cell.low, cell.high]]))
  if (data.length === 0) return []
  return [{
    type: 'custom', name: one.name, data, z: lying ? 3 : 1, silent: true,
    encode: lying ? { y: 0, x: [1, 2] } : { x: 0, y: [1, 2] },
    renderItem(params, api) {
      const at = (v) => (lying ? api.coord([v, api.value(0)]).reverse() : api.coord([api.value(0), v]))
      const [across, low] = at(api.value(1))
      const [, high] = at(api.value(2))
      const style = { stroke: tone, lineWidth: 1.5, opacity: lying ? 1 : 0.6 }
      const line = (x1, y1, x2, y2) => ({ type: 'line', shape: lying ? { x1: y1, y1: x1, x2: y2, y2: x2 } : { x1, y1, x2, y2 }, style })
      return { type: 'group', children: [
        line(across, low, across, high), line(across - 4, low, across + 4, low), line(across - 4, high, across + 4, high),
      ] }
    },
  }]
}

function draw(box) {
  const table = document.getElementById(box.dataset.table)
  const { names, series } = read(table)
  const font = getComputedStyle(document.body).fontFamily
  const lying = box.dataset.chart === 'bar'
  if (lying) box.style.height = `${56 + 32 * names.length}px`
  const chart = echarts.init(box, null, { renderer: 'svg' })
  const percent = series.every((one) => one.percent)
  chart.setOption({
    animation: false,
    color: lying ? ['#7fb0b8', ...tones] : tones,
    textStyle: { fontFamily: font, fontSize: 14, color: '#1d2733' },
    // The table is what assistive technology reads; the picture only names itself.
    aria: { enabled: true, label: { description: box.dataset.label ?? '' } },
    grid: { left: 8, right: 16, top: series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: series.length > 1 ? { top: 0, textStyle: { color: '#1d2733' } } : undefined,
    tooltip: {
      trigger: 'axis', renderMode: 'richText', confine: true,
      formatter: (points) => [names[points[0].dataIndex], ...series.map((one) => `${one.name}  ${one.cells[points[0].dataIndex].text}`)].join('\n'),
    },
    [lying ? 'yAxis' : 'xAxis']: {
      type: 'category', data: names, inverse: lying, axisLine: { lineStyle: { color: '#4a5a68' } },
      axisLabel: { hideOverlap: true, fontSize: 14, color: '#1d2733', ...(lying && { interval: 0, width: Math.min(220, box.clientWidth / 2.5), overflow: 'truncate' }) },
    },
    [lying ? 'xAxis' : 'yAxis']: {
      type: 'value', scale: !lying, max: percent ? (v) => (lying || v.max > 0.95 ? 1 : null) : undefined,
      axisLabel: { fontSize: 14, color: '#4a5a68', ...(percent && { formatter: (v) => `${Math.round(v * 1000) / 10}%` }) },
      splitLine: { lineStyle: { color: '#d5dce2' } },
    },
    series: series.flatMap((one, i) => [
      {
        type: box.dataset.chart, name: one.name, data: one.cells.map((cell) => cell.value), z: 2,
        symbol: symbols[i % symbols.length], symbolSize: 8, lineStyle: { width: 2.5 }, barMaxWidth: 18, connectNulls: false,
        emphasis: { disabled: true },
      },
      ...interval(one, lying ? '#1d2733' : tones[i % tones.length], lying),
    ]),
  })
  new ResizeObserver(() => chart.resize()).observe(box)
}

export function start() {
  for (const box of document.querySelectorAll('[data-chart]')) if (box.dataset.table) draw(box)
}
