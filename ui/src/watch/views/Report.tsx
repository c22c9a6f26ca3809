/** A report as it is written: JSON of names and values, in the order it comes. */
export function Report({ report }: { report: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(report).filter(([, value]) => value !== null && value !== "");
  const plain = entries.filter(([, value]) => typeof value !== "object");
  const nested = entries.filter(([, value]) => typeof value === "object");
  return (
    <>
      {plain.length > 0 && (
        <dl className="facts">
          {plain.map(([name, value]) => (
            <div key={name} className={typeof value === "string" && value.length > 40 ? "long" : undefined}>
              <dt>{named(name)}</dt>
              <dd className={typeof value === "number" ? "num" : undefined}>{told(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {nested.map(([name, value]) => (
        <div key={name} className="part">
          <h3>{named(name)}</h3>
          <Nested value={value as object} />
        </div>
      ))}
    </>
  );
}

function Nested({ value }: { value: object }) {
  if (!Array.isArray(value)) return <Report report={value as Record<string, unknown>} />;
  if (value.length === 0) return <p className="empty">none</p>;
  if (!value.every(isObject)) return <p>{value.map(told).join(", ")}</p>;
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
  return (
    <div className="wide">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {named(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {value.map((row, at) => (
            <tr key={at}>
              {columns.map((column) => (
                <td key={column} className={typeof row[column] === "number" ? "num" : undefined}>
                  {told(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `response_ms` → `response, ms`. */
function named(name: string): string {
  return name.replace(/_(ms|s|usd)$/, ", $1").replaceAll("_", " ");
}

function told(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 4 });
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(told).join(", ");
  if (isObject(value)) return Object.entries(value).map(([name, each]) => `${named(name)} ${told(each)}`).join(", ");
  return String(value);
}
