// Counts over time as stacked bars; hatched where the camera was analysed in part, empty and shaded
// where it was not.
import { useMemo } from "react";
import type { Counts } from "../api/types";
import { useTheme } from "../app/theme";
import { useSpeech } from "../i18n";
import { type Bin, type By, binName, rowNames } from "./CountsScreen";
import { trustOf } from "./coverage";
import { axisLook, baseOption, token, useChart } from "./echarts";

const HATCH = {
  symbol: "rect",
  dashArrayX: [1, 0],
  dashArrayY: [2, 4],
  rotation: -Math.PI / 4,
};

export default function CountsChart({ counts, bin, by }: { counts: Counts; bin: Bin; by: By }) {
  const speech = useSpeech();
  const theme = useTheme();
  const { t, f } = speech;
  // Dependencies on purpose: the tokens change with the theme
  const option = useMemo(() => {
    const names = counts.bins.map((_, i) => binName(counts.bins, i, bin, speech));
    const rows = rowNames(counts.rows, by, speech);
    const gaps = names.filter((_, i) =>
      counts.rows.every(
        (row) => trustOf(row.cells[i] ?? { count: null, coverage: null }) === "none",
      ),
    );
    const decal = { ...HATCH, color: token("--surface") };
    return {
      ...baseOption(),
      xAxis: { type: "category", data: names, ...axisLook(), splitLine: { show: false } },
      yAxis: {
        type: "value",
        ...axisLook(),
        axisLabel: { color: token("--ink-2"), formatter: f.integer },
      },
      series: counts.rows.map((row, r) => ({
        type: "bar",
        stack: "all",
        name: rows[r],
        barMaxWidth: 46,
        barCategoryGap: "22%",
        tooltip: {
          valueFormatter: (value: unknown) =>
            typeof value === "number" ? f.integer(value) : t.stats.noData,
        },
        data: row.cells.map((cell) => ({
          value: trustOf(cell) === "none" ? null : cell.count,
          itemStyle: trustOf(cell) === "partial" ? { decal } : {},
        })),
        ...(r === 0
          ? {
              markArea: {
                silent: true,
                itemStyle: { color: token("--sunken"), opacity: 0.9 },
                data: gaps.map((name) => [{ xAxis: name }, { xAxis: name }]),
              },
            }
          : {}),
      })),
      aria: { enabled: true, decal: { show: false } },
    };
  }, [counts, bin, by, speech.language, theme]);
  const box = useChart(option);
  return <div ref={box} className="chart" role="img" aria-label={t.stats.chart} />;
}
