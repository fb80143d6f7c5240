import { betterAuth } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import { twoFactor } from "better-auth/plugins";
import type { Db } from "../database.ts";
import type { Mailer } from "../mail/mailer.ts";
import { claimByMail } from "./claims.ts";
import { resetLetter, sendLetter, verificationLetter } from "./letters.ts";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD, verifyPassword } from "./passwords.ts";
import { forgetTries, PER_ACCOUNT, PER_ADDRESS, signInEmail, tooMany, tooManyTries } from "./sign-in-tries.ts";
import { NAMES_OF_ONE } from "./tries.ts";

/** The header in which sign-in.ts hands over the caller's address; whatever the caller sent under this name is replaced. */
export const ADDRESS_HEADER = "x-dateline-address";

export interface AuthOptions {
  readonly db: Db;
  readonly secret: string;
  readonly baseUrl: string;
  /** What the newsroom is called in mails, and in programs that make codes. */
  readonly siteName: string;
  /** Origins that may send credentials, besides the base URL's own. */
  readonly trustedOrigins: string[];
  readonly mailer: Mailer;
}

/** Seconds for which a link in a mail is good. */
export const VERIFY_WITHIN = 24 * 60 * 60;
const RESET_WITHIN = 60 * 60;

export type Auth = ReturnType<typeof openAuth>;

/**
 * better-auth does passwords, sessions, two-factor codes and the limits on guessing, on our own tables (migrations/).
 * Sessions are looked up at each use, without a cache in the cookie, so that a revoked one is gone at once.
 */
export function openAuth({ db, secret, baseUrl, siteName, trustedOrigins, mailer }: AuthOptions) {
  const site = { name: siteName, url: baseUrl };
  return betterAuth({
    appName: siteName,
    baseURL: baseUrl,
    basePath: "/api/auth",
    secret,
    trustedOrigins,
    database: { db, type: "postgres" },
    telemetry: { enabled: false },
    // A failing database is ours to answer, as everywhere else.
    onAPIError: { throw: true },
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      // Readers make their accounts on our own page, which knows the rules for names; see signUp() in accounts.ts.
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
      password: { hash: hashPassword, verify: verifyPassword },
      resetPasswordTokenExpiresIn: RESET_WITHIN,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => sendLetter(db, mailer, resetLetter(site, user.email, token)),
      onPasswordReset: ({ user }) => claimByMail(db, user),
    },
    emailVerification: {
      expiresIn: VERIFY_WITHIN,
      autoSignInAfterVerification: true,
      sendVerificationEmail: ({ user, token }) => sendLetter(db, mailer, verificationLetter(site, user.email, token)),
    },
    user: {
      modelName: "users",
      fields: {
        emailVerified: "email_verified",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      additionalFields: { slug: { type: "string", required: true, input: false } },
    },
    session: {
      modelName: "sessions",
      expiresIn: 7 * 24 * 60 * 60,
      updateAge: 60 * 60,
      fields: {
        userId: "user_id",
        expiresAt: "expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
      },
    },
    account: {
      modelName: "accounts",
      fields: {
        userId: "user_id",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    verification: {
      modelName: "verifications",
      storeIdentifier: "hashed",
      fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" },
    },
    rateLimit: {
      enabled: true,
      storage: "database",
      modelName: "rate_limits",
      fields: { lastRequest: "last_request" },
      window: 60,
      max: 100,
      customRules: {
        "/sign-in/email": PER_ADDRESS,
        "/two-factor/*": PER_ADDRESS,
        "/change-password": PER_ADDRESS,
        "/request-password-reset": PER_ADDRESS,
        "/reset-password": PER_ADDRESS,
        "/send-verification-email": PER_ADDRESS,
        "/verify-email": PER_ADDRESS,
        // No such path; but the library sweeps counts that are older than its longest window, ours among them.
        "/account": PER_ACCOUNT,
        "/account/name": NAMES_OF_ONE,
      },
    },
    advanced: {
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      // Said outright, since the library leaves both out when NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      cookiePrefix: "dateline",
    },
    databaseHooks: {
      // Where a reporter was when signing in is nobody's business, and nothing that could be seized.
      session: { create: { before: async (session) => ({ data: { ...session, ipAddress: "", userAgent: "" } }) } },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        const wait = await tooManyTries(db, signInEmail(context));
        if (wait !== null) throw tooMany(wait);
        // Whoever changes a password wants the others out who may know the old one.
        return context.path === "/change-password"
          ? { context: { body: { ...context.body, revokeOtherSessions: true } } }
          : undefined;
      }),
      after: createAuthMiddleware(async (context) => {
        if (!(context.context.returned instanceof APIError)) await forgetTries(db, signInEmail(context));
        // A link in a mail stands for a password, but not for the second factor.
        const { newSession } = context.context;
        if (context.path !== "/verify-email" || !newSession?.user.twoFactorEnabled) return;
        await context.context.internalAdapter.deleteSession(newSession.session.token);
        deleteSessionCookie(context, true);
      }),
    },
    plugins: [
      twoFactor({
        issuer: siteName,
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "two_factors",
            fields: {
              userId: "user_id",
              backupCodes: "backup_codes",
              failedVerificationCount: "failed_verification_count",
              lockedUntil: "locked_until",
            },
          },
        },
      }),
    ],
  });
}
