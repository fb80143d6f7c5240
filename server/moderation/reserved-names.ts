/** Words of names that readers could take for the newsroom's, or for an account that is gone. */

/** Nobody is called so but those who would speak for the newsroom: reserved wherever they stand in a name. */
export const TITLES =
  "admin administrator administrators admins dateline moderator moderators newsroom sysadmin webmaster";

/** Reserved alone and with each other, for they are surnames too or parts of fair names. */
export const ROLES =
  "anonymous bot deleted desk editor editorial editors everyone former guest help host mod mods news newsdesk nobody " +
  "null owner postmaster reader removed reporter root security staff support system team undefined unknown user";

/** What makes no difference beside those. */
export const FILLERS = "a account by chief in of official our real site the this";
