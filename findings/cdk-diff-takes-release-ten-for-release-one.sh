#!/bin/sh
# The CDK's own comparison of two templates (@aws-cdk/cloudformation-diff, behind `cdk diff`) takes a number and the text of it for equal, as CloudFormation does;
# so one would have guessed that two texts are compared as texts. They are compared as numbers where both can be read as one: a database that goes from 16.1 to
# 16.10, nine releases on, is no difference, nor is an account 012 that becomes 12, while 16.1 to 16.2 is one. Who approves by `cdk diff` is not shown it.
# Exit 0: as described. Exit 1: another behaviour. Needs npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @aws-cdk/cloudformation-diff@2.187.5
cat > "$folder/diff.js" <<'JS'
const { fullDiff } = require("@aws-cdk/cloudformation-diff");
const template = (EngineVersion) => ({
    Resources: { Database: { Type: "AWS::RDS::DBCluster", Properties: { Engine: "aurora-postgresql", EngineVersion } } },
});
let asDescribed = true;
for (const [from, to, differences] of [["16.1", "16.10", 0], ["012", "12", 0], ["16.1", "16.2", 1], ["16.1", "16.1.0", 1]]) {
    const found = fullDiff(template(from), template(to)).differenceCount;
    console.log(`${from} to ${to}: ${found} differences`);
    asDescribed &&= found === differences;
}
process.exit(asDescribed ? 0 : 1);
JS
node "$folder/diff.js"
