// The figures behind the chart: an interval a row, coverage in every cell.
import type { CountCell, Counts } from "../api/types";
import { classes } from "../design/parts";
import { useSpeech } from "../i18n";
import { type Bin, type By, binName, rowNames } from "./CountsScreen";
import { isOneLine, sumOf, trustOf } from "./coverage";

interface Props {
  counts: Counts;
  bin: Bin;
  by: By;
}

export function CountsTable({ counts, bin, by }: Props) {
  const speech = useSpeech();
  const { t } = speech;
  const missing: CountCell = { count: null, coverage: null };
  const names = rowNames(counts.rows, by, speech);
  // Vehicles over two lines would stand in a sum of both twice.
  const many = counts.rows.length > 1 && isOneLine(counts);
  return (
    <section className="panel table-wrap counts-table" aria-label={t.stats.table} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.stats.time}</th>
            {counts.rows.map((row, r) => (
              <th scope="col" key={JSON.stringify(row.key)} className="number">
                {names[r]}
              </th>
            ))}
            {many && (
              <th scope="col" className="number">
                {t.stats.total}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {counts.bins.map((iso, i) => {
            const cells = counts.rows.map((row) => row.cells[i] ?? missing);
            return (
              <tr key={iso}>
                <th scope="row">{binName(counts.bins, i, bin, speech)}</th>
                {cells.map((cell, r) => (
                  <Cell key={JSON.stringify(counts.rows[r]?.key)} cell={cell} />
                ))}
                {many && <Cell cell={sumOf(cells)} total />}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ cell, total }: { cell: CountCell; total?: boolean }) {
  const { t, f } = useSpeech();
  const trust = trustOf(cell);
  if (cell.count === null || (trust === "none" && !total)) {
    return (
      <td className="number count none">
        {cell.overlapping ? t.stats.overlapping : t.stats.noData}
      </td>
    );
  }
  const share = f.percent(cell.coverage ?? 0);
  return (
    <td
      className={classes("number count", trust, trust !== "full" && "hatch", total && "strong")}
      title={trust === "full" ? `${t.stats.coverage}: ${share}` : t.stats.partial(share)}
    >
      {f.integer(cell.count)}
      <small>{share}</small>
    </td>
  );
}
