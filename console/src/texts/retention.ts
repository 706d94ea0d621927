export const retentionTexts = {
  removed: {
    calls: (days: string, day: string) => `Calls are kept for ${days} days: those before ${day} are removed.`,
    rollups: (days: string, day: string) =>
      `Sums are kept for ${days} days, by whole months: those before ${day} are removed.`,
  },
} as const
