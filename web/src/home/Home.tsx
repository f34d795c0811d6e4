import icon from "../ui/icon.svg";

const places = [
  { href: "/shop", name: "Shop", text: "Order something, pay with a test card, and watch it come to the door." },
  { href: "/courier", name: "Courier", text: "Go online, take an offer, bring it. Made for a phone and one hand." },
  { href: "/console", name: "Console", text: "For operators: what happens, what is stuck and why, and what mends it." },
  {
    href: "/scenarios",
    name: "Scenarios",
    text: "Stories that run against this system now: a declined card, a vanished courier, a flash sale.",
  },
  { href: "/docs", name: "API", text: "Every path, field and answer, to try out in the page." },
];

/// Where everything begins.
export const Home = () => (
  <main className="home">
    <header>
      <img src={icon} alt="" />
      <h1>Waybill</h1>
      <p className="soft">Orders, from the click to the doorstep, by actors that lose nothing.</p>
    </header>
    <ul>
      {places.map(({ href, name, text }) => (
        <li key={href}>
          <a className="card" href={href}>
            <h2>{name}</h2>
            <p className="soft">{text}</p>
          </a>
        </li>
      ))}
    </ul>
    <footer className="small soft row">
      <a href="/readyz">Readiness</a>
      <a href="/metrics">Metrics</a>
      <a href="/version">Version</a>
    </footer>
  </main>
);
