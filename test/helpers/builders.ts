import { Alert } from "../../shared/defender/alerts/alert.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { Machine } from "../../shared/defender/machines/machine.ts";

export const MACHINE_ID = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
export const ALERT_ID = "da637472900382838869_1364969609";
export const ISOLATION_ID = "5382f7ea-7557-4ab7-9782-d50480024a4e";
export const COLLECTION_ID = "7327b54f-d718-4525-8c7e-17b3dcc9c73f";

export const aMachine = (changes: object = {}): Machine =>
  Machine.parse({
    id: MACHINE_ID,
    computerDnsName: "fin-laptop-07.contoso.example",
    osPlatform: "Windows11",
    riskScore: "High",
    machineTags: ["finance"],
    ...changes,
  });

export const anAlert = (changes: object = {}): Alert =>
  Alert.parse({ id: ALERT_ID, title: "Hands-on keyboard attack", severity: "High", machineId: MACHINE_ID, ...changes });

export const anIsolation = (changes: object = {}): MachineAction =>
  MachineAction.parse({ id: ISOLATION_ID, type: "Isolate", status: "Pending", machineId: MACHINE_ID, ...changes });

export const aCollection = (changes: object = {}): MachineAction =>
  MachineAction.parse({
    id: COLLECTION_ID,
    type: "CollectInvestigationPackage",
    status: "Succeeded",
    machineId: MACHINE_ID,
    ...changes,
  });
