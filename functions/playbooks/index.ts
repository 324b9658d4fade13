import type { Playbook } from "../../shared/playbook.ts";
import { assessAlert } from "./assess-alert.ts";
import { containDevice } from "./contain-device.ts";

export const playbooks: Playbook[] = [assessAlert, containDevice];
