// What became of the violations of each group.
import { useMemo } from "react";
import { useTheme } from "../app/theme";
import { useSpeech } from "../i18n";
import { axisLook, baseOption, token, useChart } from "./echarts";

interface Row {
  name: string;
  confirmed: number;
  rejected: number;
  open: number;
}

export default function ViolationsChart({ rows }: { rows: Row[] }) {
  const { t, f, language } = useSpeech();
  const theme = useTheme();
  // Dependencies on purpose: the tokens change with the theme
  const option = useMemo(() => {
    const part = (name: string, key: "confirmed" | "rejected" | "open", colour: string) => ({
      type: "bar",
      stack: "all",
      name,
      barMaxWidth: 22,
      itemStyle: { color: token(colour) },
      tooltip: { valueFormatter: (value: unknown) => f.integer(Number(value)) },
      data: rows.map((row) => row[key]),
    });
    return {
      ...baseOption(),
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map((row) => row.name),
        ...axisLook(),
        splitLine: { show: false },
      },
      xAxis: {
        type: "value",
        minInterval: 1,
        ...axisLook(),
        axisLabel: { color: token("--ink-2"), formatter: f.integer },
      },
      series: [
        part(t.stats.confirmed, "confirmed", "--c1"),
        part(t.stats.rejected, "rejected", "--c3"),
        part(t.stats.open, "open", "--line-strong"),
      ],
    };
  }, [rows, language, theme]);
  const box = useChart(option);
  const height = Math.max(220, 60 + rows.length * 34);
  return (
    <div ref={box} className="chart" style={{ height }} role="img" aria-label={t.stats.chart} />
  );
}
