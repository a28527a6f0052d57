import "./styles/tokens.css";
import { render } from "preact";

const place = document.getElementById("app");
if (place) render(<p>Parley</p>, place);
