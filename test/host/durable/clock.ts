export {
  type VirtualClock as TestClock,
  virtualClock as testClock,
} from "../../../local/host/durable/virtual-clock.ts";
