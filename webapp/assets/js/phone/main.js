import { startEngine } from "./engine.js";

startEngine();
