/** The admin key of the gateways whose limits are reached. */
export const adminKey = 'admin-key-of-the-limit-tests'
