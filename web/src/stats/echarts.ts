// The parts of ECharts that the charts use, and nothing more; loaded only with a chart.
import { BarChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  TooltipComponent,
]);

/** A value of tokens.css as the chart's canvas needs it. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Draws `option` into the element of the returned ref, at whatever size it has. */
export function useChart(option: EChartsCoreOption) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = init(element);
    chart.current = made;
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);
  return box;
}

export function baseOption(): EChartsCoreOption {
  const ink = token("--ink-2");
  return {
    animation: false,
    color: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(token),
    textStyle: { fontFamily: token("--font"), color: ink },
    grid: { left: 52, right: 12, top: 36, bottom: 28 },
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: ink } },
    tooltip: {
      trigger: "axis",
      backgroundColor: token("--raised"),
      borderColor: token("--line"),
      textStyle: { color: token("--ink") },
    },
  };
}

export function axisLook() {
  return {
    axisLine: { lineStyle: { color: token("--line-strong") } },
    axisLabel: { color: token("--ink-2") },
    splitLine: { lineStyle: { color: token("--line") } },
  };
}
