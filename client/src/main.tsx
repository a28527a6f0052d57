import "./styles/client.css";
import { render } from "preact";
import { App } from "./ui/app";

const place = document.getElementById("app");
if (place) render(<App />, place);
