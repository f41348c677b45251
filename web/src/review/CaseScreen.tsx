export function CaseScreen({ id }: { id: string; query: URLSearchParams }) {
  return <p>{id}</p>;
}
