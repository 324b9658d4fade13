import { parseArgs } from "node:util";
import { AzureCliCredential } from "@azure/identity";
import { activities } from "../../functions/activities/index.ts";
import { exitWith } from "../../local/child.ts";
import { CLOUDS, clouds } from "../../shared/defender/clouds.ts";
import { grantPermissions } from "./grant-permissions.ts";
import { connectGraph } from "./graph.ts";
import { permissionsNeeded } from "./permissions.ts";
import { describeApi, registerApi } from "./register-api.ts";

const HELP = `Usage: npm run entra -- grant --identity OBJECT_ID [--what-if]
       npm run entra -- register --name NAME --role ROLE... [--what-if]

What Bicep cannot do, as whoever is signed in with az login. Both may be repeated.

  grant      gives the app's identity the permissions in Defender and Graph that the activities declare. Needs Privileged
             Role Administrator. --identity is IDENTITY_PRINCIPAL_ID of the deployment
  register   registers the app's API with the roles of approvals.roles in config/policy.yaml, and prints ENTRA_AUDIENCE.
             Needs Application Developer or more

  --cloud CLOUD   commercial, gcc, gcc-high or dod (default: commercial)
  --what-if       say what would be done
`;

try {
  await run();
} catch (error) {
  exitWith(error);
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      identity: { type: "string" },
      name: { type: "string" },
      role: { type: "string", multiple: true },
      cloud: { type: "string", default: "commercial" },
      "what-if": { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  const [verb] = positionals;
  if (values.help || verb === undefined) return console.log(HELP);
  const graph = () => connectTo(values.cloud);
  if (verb === "grant" && values.identity) {
    const asked = { principalId: values.identity, needed: permissionsNeeded(activities), isWhatIf: values["what-if"] };
    const grants = await grantPermissions(graph(), asked);
    for (const { service, permission, outcome } of grants) console.log(`${service} ${permission}: ${outcome}`);
    if (grants.some(({ outcome }) => outcome === "unknown to the tenant")) process.exitCode = 1;
  } else if (verb === "register" && values.name && values.role) {
    const registration = { uniqueName: values.name, roles: values.role };
    if (values["what-if"]) console.log(JSON.stringify(describeApi(registration), null, 2));
    else console.log(`ENTRA_AUDIENCE=${await registerApi(graph(), registration)}`);
  } else throw new Error(`${verb} cannot be done with these options; --help shows them.`);
}

function connectTo(cloudName: string) {
  const cloud = CLOUDS.find((name) => name === cloudName);
  if (!cloud) throw new Error(`--cloud ${cloudName} is none of ${CLOUDS.join(", ")}.`);
  const { apiUrl, scope } = clouds[cloud].services.graph;
  const credential = new AzureCliCredential();
  return connectGraph(`${apiUrl}/v1.0`, async () => (await credential.getToken(scope)).token);
}
